"""One SQLite file: one writer, many readers.

    any thread ── write(fn) ──▶ queue ──▶ the writer thread: BEGIN IMMEDIATE · fn(db) · update search · COMMIT ──▶ fn's result
                                              events that fn recorded ─▶ events.Bus, before fn's result is returned ┘
    any thread ── read() ─────▶ a read-only connection of its own
    any thread ── mark() ─────▶ equal until data of some kinds is committed, here or by another program (changes.py)

A new query goes into the module of the table it reads, as a function whose first argument is a `Database`; functions that change
rows are called only inside `write`. A single writing connection also avoids the race in SQLite before 3.51.3 between several
connections that write and checkpoint.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from core import events
from core.domain.episodes.touched_kind import EVERYTHING, TouchedKind
from core.errors import DiskFull, Restoring, WriterEnded
from core.store.db import damage, journal, keepsake
from core.store.db.changes import Changes, Commits, Mark
from core.store.db.file_watch import FileWatch, has_room
from core.store.db.sqlite import Database, open_reader, open_writer, wait_for_locks
from core.store.db.transaction import (
    GivenUp,
    T,
    Work,
    answer_of,
    grow,
    in_transaction,
    patience,
    run_in_transaction,
    touch,
    waiting_at_most,
)
from core.store.migrations import migrations
from core.store.search import backfill

log = logging.getLogger(__name__)

OperationalError = sqlite3.OperationalError
LOCK_SECONDS = 10.0
# How long the end of the writer waits for queries of other threads.
LAST_READERS_SECONDS = 2.0
# After a successful write within this time, no trial is needed to show that writes succeed.
FRESH_SECONDS = 5.0


class Store:
    """The database file. `open()` migrates; `close()` waits for queued writes.

    Queries of other threads finish on their open file after `close` too; its log stays on disk until the last has.

    `write_ahead_log` follows from the file system of the file (journal.py), unless given. Listeners of `events` are notified from
    `open` to `close`.
    """

    def __init__(self, path: Path, *, write_ahead_log: bool | None = None) -> None:
        self.path = path
        self._write_ahead_log = write_ahead_log
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._readers = threading.local()
        self._guard = threading.Lock()
        self._given_up = False
        self._at_work: Future[Any] | None = None
        self._changes: Changes | None = None
        self.standing = FileWatch(path)
        self.events = events.Bus()

    @cached_property
    def foreign(self) -> bool:
        """Return whether the database must do without a write-ahead log. Call it before the file is first opened."""
        return journal.is_foreign(self.path) if self._write_ahead_log is None else not self._write_ahead_log

    # --- life ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the writing connection on its own thread and migrate the schema.

        Raises DatabaseDamaged, StartError, sqlite3.OperationalError; the store is then as if it had not been called.
        """
        # A new queue, so that work for an earlier writer cannot reach this one.
        queue: SimpleQueue[Work | None] = SimpleQueue()
        thread = self._new_writer(queue)
        # If another kernel may write the file, SQLite would have to read it to detect that.
        changes = None if self.foreign else Changes(self.path)
        with self._guard:
            self._queue, self._thread, self._changes = queue, thread, changes
            self._given_up = False
        self.events.start()

    def close(self) -> None:
        # Stopped first, because a listener may write too.
        self.events.stop()
        if self._thread is None:
            return
        # The writer closes last: only then does SQLite delete its log.
        if (own := getattr(self._readers, "db", None)) is not None:
            own.close()
        self._readers = threading.local()
        self._forget_changes()
        self._end_writer()
        self.standing.forget()

    def give_up(self) -> None:
        """Close the file; until `open`, callers get Restoring. Waits for queued writes.

        Readers in the middle of a query continue with their open file, and use the new one the next time.
        """
        self._given_up = True
        self._forget_changes()
        self._end_writer()
        self.standing.forget()
        self._readers = threading.local()

    def writer_is_dead(self) -> bool:
        """Return whether the writer's thread ended without `close`: nothing that is written would ever be answered."""
        with self._guard:
            return self._thread is not None and not self._thread.is_alive()

    def revive_writer(self) -> list[str]:
        """Start another writer on the same queue if the thread is dead; return its name. What it was at work on is rolled back and
        fails, what waits is written."""
        with self._guard:
            if self._thread is None or self._thread.is_alive():
                return []
            if (cut_off := self._at_work) is not None and not cut_off.done():
                cut_off.set_exception(WriterEnded())
            self._thread = self._new_writer(self._queue)
            return [self._thread.name]

    def _new_writer(self, queue: SimpleQueue[Work | None]) -> threading.Thread:
        """Return a writer's thread that has opened the database. Raises what `open` raises."""
        opened: Future[None] = Future()
        thread = threading.Thread(target=self._write_loop, args=(queue, opened), name="store-writer", daemon=True)
        thread.start()
        opened.result()
        return thread

    def _forget_changes(self) -> None:
        with self._guard:
            changes, self._changes = self._changes, None
        if changes is not None:
            changes.close()

    def _end_writer(self) -> None:
        # Under the guard, so that nothing is queued behind the end mark, where it would never be answered.
        with self._guard:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _write_loop(self, queue: SimpleQueue[Work | None], opened: Future[None]) -> None:
        try:
            db = self._prepared()
        except BaseException as error:
            opened.set_exception(error)
            return
        self.standing.note()
        commits = Commits(db.conn, lambda: self._changes)
        opened.set_result(None)
        try:
            while (work := queue.get()) is not None:
                self._at_work = work[1]
                run_in_transaction(db, self.standing, commits, self.events, work)
        except BaseException:
            # Rolls back, and lets go of the lock for the next writer (revive_writer).
            db.close()
            raise
        saved, sides = keepsake.keep(db, self.path, self.standing.loss), self.standing.own_sides()
        try:
            db.execute("PRAGMA optimize")
            # A reader that is still open prevents SQLite from doing this when the connection closes.
            wait_for_locks(db.conn, LAST_READERS_SECONDS)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("the database was closed without its statistics or with its log: %s", error)
        finally:
            db.close()
        if saved:
            keepsake.put(saved, self.path, sides)

    def _prepared(self) -> Database:
        """Return the writing connection to a migrated database."""
        with damage.said(self.path):
            db = open_writer(self.path, LOCK_SECONDS, foreign=self.foreign)
            try:
                migrations.apply(db)
                in_transaction(db, backfill.prepare, Commits(db.conn, lambda: None))
            except BaseException:
                db.close()
                raise
            return db

    # --- use ----------------------------------------------------------------------------------

    def write(self, change: Callable[[Database], T]) -> T:
        """Run `change(db)` in one transaction and return its result; an exception rolls it back and is raised here.

        Raises DiskFull if the disk has no room, DatabaseBusy if another program holds the database, DatabaseGone if its file was
        deleted or replaced, DatabaseUnwritable; nothing of the change is kept then.
        """
        done: Future[T] = Future()
        with self._guard:
            if self._given_up:
                raise Restoring()
            if self._thread is None:
                raise RuntimeError("the store is not open")
            self._queue.put((change, done))
        return answer_of(done)

    def try_writing(self, within: float = 2.0) -> None:
        """Test by a change of no rows that writes succeed, unless one just did.

        Raises the errors of `write`, and the last change's failure if its cause persists.
        """
        standing = self.standing
        standing.check()
        if standing.trouble is None and time.time() - standing.written_at < FRESH_SECONDS:
            return
        with waiting_at_most(within):
            self.write(touch)
            if standing.trouble and self._has_room():
                standing.arrived(room_shown=True)
        if standing.trouble:
            raise standing.trouble.error

    def _has_room(self) -> bool:
        """Return whether both the database and the disk can grow by a megabyte."""
        try:
            self.write(grow)
        except GivenUp:
            return has_room(self.path.parent)
        except DiskFull:
            pass
        return False

    def read(self) -> Database:
        """Return this thread's read-only connection. Rows are `sqlite3.Row`. Raises Restoring, DatabaseGone."""
        if self._given_up:
            raise Restoring()
        # Replaced by `close` and `give_up`.
        readers = self._readers
        db = getattr(readers, "db", None)
        waits = LOCK_SECONDS if (given := patience.get()) is None else given
        if db is not None and readers.waits != waits:
            wait_for_locks(db.conn, waits)
            readers.waits = waits
        if db is None:
            # The file at the path may be another library by now.
            self.standing.check()
            journal.check_reading(self.path, foreign=self.foreign)
            db = readers.db = open_reader(self.path, waits)
            readers.waits = waits
        return db

    def mark(self, kinds: TouchedKind = EVERYTHING) -> Mark | None:
        """Return a mark; while it stays equal, nothing of these kinds was committed. None if that is unknown, or would block."""
        changes = self._changes
        return None if changes is None else changes.mark(kinds)

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """Open a read transaction, for several queries that must be consistent."""
        db = self.read()
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("COMMIT")


def is_busy(error: BaseException) -> bool:
    """Return whether SQLite reports that another connection holds the database."""
    codes = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in codes

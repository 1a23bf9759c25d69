"""One SQLite file: one writer, many readers.

    any thread ── write(fn) ──▶ queue ──▶ the writer thread: BEGIN IMMEDIATE · fn(db) · search follows · COMMIT ──▶ fn's result
                                                   events that fn recorded ─▶ events.Bus, before fn's result is there ┘
    any thread ── read() ─────▶ a read-only connection of its own
    any thread ── mark() ─────▶ equal as long as nothing of some kinds was committed, here or by another program (changes.py)

A new query goes into the module of the table it asks about, as a function whose first argument is a `Database`; functions
that change rows are called only inside `write`. One writing connection is also what keeps SQLite before 3.51.3 clear of its
race between several connections that write and checkpoint.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, TypeVar

from core import events
from core.domain.episodes.touched_kind import EVERYTHING, TouchedKind
from core.errors import DatabaseBusy, DataFolderLocked, DataFolderNotWritable, DiskFull, Restoring, StartError
from core.store.db import damage, journal, keepsake
from core.store.db.changes import Changes, Commits, Mark
from core.store.db.file_watch import ROOM, FileWatch, has_room
from core.store.db.sqlite import Database
from core.store.migrations import migrations
from core.store.search import backfill, index

log = logging.getLogger(__name__)

T = TypeVar("T")
OperationalError = sqlite3.OperationalError
LOCK_SECONDS = 10.0
# A write that arrived within this time need not be tried again to say that writes arrive.
FRESH_SECONDS = 5.0

patience: ContextVar[float | None] = ContextVar("patience", default=None)
"""How many seconds who asks in this context waits for a lock that another program holds. None: work in the background, which
waits its turn, and `LOCK_SECONDS` for a lock."""
Work = tuple[Callable[[Database], Any], "Future[Any]"]

# What flock says of a lock that somebody holds; anything else is a mount that knows no locks.
_HELD = (errno.EWOULDBLOCK, errno.EACCES)


class DataFolderLock:
    """Keeps a second process from writing to the same data folder. Raises DataFolderLocked naming who holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise DataFolderNotWritable(
                f"CastMind cannot write to its data folder {self._path.parent} as user id {os.getuid()}: {error.strerror}. "
                "Give that user the folder, or set CASTMIND_DATA_DIR to another one.",
                path=str(self._path.parent),
                uid=os.getuid(),
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                file.close()
                raise StartError(
                    f"The data folder {self._path.parent} cannot be locked: {error.strerror}. Without locks two programs could "
                    "write to it at once. Nothing was changed. Move it to a disk of this computer, or mount it with locks."
                ) from error
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise DataFolderLocked(
                f"Another CastMind (process {holder}) is using the data folder {self._path.parent}. "
                "Stop it first, or set CASTMIND_DATA_DIR to another folder.",
                path=str(self._path.parent),
                holder=holder,
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class Store:
    """The database file. `open()` migrates; `close()` waits for queued writes.

    `write_ahead_log` is decided by the file system that the file lies on (journal.py), unless it is given. Listeners of `events`
    are told from `open` to `close`.
    """

    def __init__(self, path: Path, *, write_ahead_log: bool | None = None) -> None:
        self.path = path
        self._write_ahead_log = write_ahead_log
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._readers = threading.local()
        self._all_readers: weakref.WeakSet[Any] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._given_up = False
        self._changes: Changes | None = None
        self.standing = FileWatch(path)
        self.events = events.Bus()

    @cached_property
    def foreign(self) -> bool:
        """Whether the database does without a write-ahead log. Asked before the file is opened for the first time."""
        return journal.is_foreign(self.path) if self._write_ahead_log is None else not self._write_ahead_log

    # --- life ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Opens the writing connection on its own thread and brings the schema up to date.

        Raises DatabaseDamaged, StartError, sqlite3.OperationalError; it is as if it had not been called then.
        """
        opened: Future[None] = Future()
        # A queue of its own: what was meant for a writer before can never reach this one.
        queue: SimpleQueue[Work | None] = SimpleQueue()
        thread = threading.Thread(target=self._write_loop, args=(queue, opened), name="store-writer", daemon=True)
        thread.start()
        opened.result()
        # Where another kernel may have written, SQLite would have to read the file to know.
        changes = None if self.foreign else Changes(self.path)
        with self._guard:
            self._queue, self._thread, self._changes = queue, thread, changes
            self._given_up = False
        self.events.start()

    def close(self) -> None:
        # First: a listener may write as well.
        self.events.stop()
        if self._thread is None:
            return
        # The writer closes last: only then does SQLite work its log into the file and take it away.
        with self._guard:
            for db in list(self._all_readers):
                db.close()
            self._all_readers.clear()
        self._readers = threading.local()
        self._forget_changes()
        self._end_writer()
        self.standing.forget()

    def give_up(self) -> None:
        """Lets go of the file: until `open`, who asks gets Restoring. Waits for queued writes.

        Readers in the middle of a query go on with the file that they have open, and take the new one the next time.
        """
        self._given_up = True
        self._forget_changes()
        self._end_writer()
        self.standing.forget()
        with self._guard:
            self._all_readers.clear()
        self._readers = threading.local()

    def _forget_changes(self) -> None:
        with self._guard:
            changes, self._changes = self._changes, None
        if changes is not None:
            changes.close()

    def _end_writer(self) -> None:
        # Under the guard, so that nothing is queued behind the end: nobody would answer it.
        with self._guard:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _connect(self) -> Database:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=True)
        try:
            _wait_for_locks(connection, LOCK_SECONDS)
            journal.settle(connection, self.path, foreign=self.foreign)
            for pragma in ("foreign_keys = ON", "temp_store = MEMORY", "journal_size_limit = 67108864"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return Database(connection)

    def _write_loop(self, queue: SimpleQueue[Work | None], opened: Future[None]) -> None:
        try:
            db = self._prepared()
        except BaseException as error:
            opened.set_exception(error)
            return
        self.standing.note()
        commits = Commits(db.conn, lambda: self._changes)
        opened.set_result(None)
        while (work := queue.get()) is not None:
            _run_in_transaction(db, self.standing, commits, self.events, work)
        saved, sides = keepsake.keep(db, self.path, self.standing.loss), self.standing.own_sides()
        try:
            db.execute("PRAGMA optimize")
        except sqlite3.Error as error:
            log.warning("the database was closed without its statistics for the query planner: %s", error)
        finally:
            db.close()
        if saved:
            keepsake.put(saved, self.path, sides)

    def _prepared(self) -> Database:
        """The writing connection to a database that is up to date."""
        with damage.said(self.path):
            db = self._connect()
            try:
                migrations.apply(db)
                _in_transaction(db, backfill.prepare, Commits(db.conn, lambda: None))
            except BaseException:
                db.close()
                raise
            return db

    # --- use ----------------------------------------------------------------------------------

    def write(self, change: Callable[[Database], T]) -> T:
        """Runs `change(db)` in one transaction and returns its result; an exception rolls it back and is raised here.

        Raises DiskFull when the disk has no room for it, DatabaseBusy when another program holds the database, DatabaseGone when
        its file was deleted or replaced, DatabaseUnwritable; nothing of the change is kept then.
        """
        done: Future[T] = Future()
        with self._guard:
            if self._given_up:
                raise Restoring()
            if self._thread is None:
                raise RuntimeError("the store is not open")
            self._queue.put((change, done))
        return _answer(done)

    def try_writing(self, within: float = 2.0) -> None:
        """Shows that a change arrives, by one that changes no row, unless one did just now.

        Raises what `write` raises, and what the last change failed with where that is not over.
        """
        standing = self.standing
        standing.check()
        if standing.trouble is None and time.time() - standing.written_at < FRESH_SECONDS:
            return
        waits = patience.set(within)
        try:
            self.write(_touch)
            if standing.trouble and self._has_room():
                standing.arrived(room_shown=True)
        finally:
            patience.reset(waits)
        if standing.trouble:
            raise standing.trouble.error

    def _has_room(self) -> bool:
        """Whether both the database and the disk can grow by a megabyte."""
        try:
            self.write(_grow)
        except _GivenUp:
            return has_room(self.path.parent)
        except DiskFull:
            pass
        return False

    def read(self) -> Database:
        """This thread's read-only connection. Rows come as `sqlite3.Row`. Raises Restoring, DatabaseGone."""
        if self._given_up:
            raise Restoring()
        db = getattr(self._readers, "db", None)
        waits = LOCK_SECONDS if (given := patience.get()) is None else given
        if db is not None and self._readers.waits != waits:
            _wait_for_locks(db.conn, waits)
            self._readers.waits = waits
        if db is None:
            # What lies at the path now may be another library.
            self.standing.check()
            journal.check_reading(self.path, foreign=self.foreign)
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                _wait_for_locks(connection, waits)
                connection.execute("PRAGMA query_only = ON")
                # Opens the side files too: after an exchange they must not be looked up by name.
                connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            except BaseException:
                connection.close()
                raise
            connection.row_factory = sqlite3.Row
            db = self._readers.db = Database(connection)
            self._readers.waits = waits
            # Pages run in threads that live for one rerun: the connection goes with its thread.
            weakref.finalize(db, connection.close)
            with self._guard:
                self._all_readers.add(db)
        return db

    def mark(self, kinds: TouchedKind = EVERYTHING) -> Mark | None:
        """Equal to one of before: nothing of these kinds was committed since. None where that is not known, or would have to be
        waited for."""
        changes = self._changes
        return None if changes is None else changes.mark(kinds)

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """A read transaction: several queries that must agree with each other."""
        db = self.read()
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("COMMIT")


class _GivenUp(Exception):
    """Who asked for the change waits no longer."""


def _answer(done: Future[T]) -> T:
    """Waits for a change to begin as long as this context has patience, and for its end however long it takes."""
    try:
        return done.result(patience.get())
    except TimeoutError as error:
        # It can only be called off before its transaction has begun; after that its end is near, and true.
        if done.cancel():
            raise DatabaseBusy() from error
    return done.result()


def _touch(db: Database) -> None:
    """Writes the first page: a number that nobody reads."""
    (number,) = db.execute("PRAGMA user_version").fetchone()
    db.execute(f"PRAGMA user_version = {(number + 1) % (1 << 30)}")


def _grow(db: Database) -> None:
    """Takes pages as a large change would, and gives them back."""
    db.execute("CREATE TABLE room (filler BLOB)")
    db.execute("INSERT INTO room VALUES (zeroblob(?))", [ROOM])
    raise _GivenUp


def _run_in_transaction(db: Database, standing: FileWatch, commits: Commits, bus: events.Bus, work: Work) -> None:
    change, done = work
    try:
        standing.check()
        standing.waiting_since = time.time()
        with events.Recording() as recorded:
            result = _in_transaction(db, change, commits, done, begun=standing.begun)
    except _GivenUp as error:
        standing.begun()
        if done.running():
            done.set_exception(error)
        return
    except BaseException as error:
        standing.begun()
        said = standing.failed(error)
        if done.running() or done.set_running_or_notify_cancel():
            done.set_exception(said)
    else:
        standing.arrived()
        bus.publish_all(recorded)
        done.set_result(result)


def _in_transaction(
    db: Database,
    change: Callable[[Database], T],
    commits: Commits,
    done: Future[T] | None = None,
    *,
    begun: Callable[[], None] = lambda: None,
) -> T:
    """The change, and with it what the search index makes of it: both or neither. From its beginning `done` cannot be called off."""
    if done and done.cancelled():
        raise _GivenUp
    commits.prepare()
    db.execute("BEGIN IMMEDIATE")
    begun()
    try:
        commits.begun()
        if done and not done.set_running_or_notify_cancel():
            raise _GivenUp
        result = change(db)
        index.settle(db)
        with commits.committing():
            db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise
    return result


def _wait_for_locks(connection: Any, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def is_busy(error: BaseException) -> bool:
    """Whether SQLite says that another connection holds the database."""
    codes = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in codes

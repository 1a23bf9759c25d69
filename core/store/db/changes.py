"""Detect whether anything was committed to the database, by any program, and which kinds of data it changed.

SQLite answers the first from the shared memory of the write-ahead log, in a few microseconds and without a lock:
https://www.sqlite.org/pragma.html#pragma_data_version. The number is only meaningful within one connection, so one connection
is reserved for it. Changes by this process's writer are reported by the writer itself (touched.py):

    the writer   BEGIN, with the lock that keeps every other writer out ─▶ begin: number as before? │ else another program wrote
                 committing ─▶ COMMIT ─▶ was it the only one to commit? ─▶ new mark for the touched kinds │ for all kinds
    anybody      mark ─▶ is the number the known one? ─▶ the mark of these kinds
                   └─ no ─▶ the writer is committing ─▶ None: the author of the change will be known in a moment
                        └─ it is not ─▶ another program wrote: a new mark for every kind

The number changes with the commit. Until the writer has reported its kinds, nobody receives a mark from before the commit.
Callers learn that a change succeeded only after that.
"""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.episodes.touched_kind import EVERYTHING, TouchedKind
from core.store.db.touched import Touched

log = logging.getLogger(__name__)

Mark = tuple[int, int]
"""Two equal marks of the same kinds: nothing of these kinds was committed in between."""

_opened = itertools.count(1)


class Changes:
    """Watches the database file that is at the path now. Any thread may call `mark`, only the writer the rest."""

    def __init__(self, path: Path) -> None:
        # A mark of a replaced file must never equal one of its successor.
        self._number = next(_opened)
        self._asking = threading.Lock()
        self._known: int | None = None
        self._committing = False
        self._count = itertools.count(1)
        self._last = dict.fromkeys(EVERYTHING, 0)
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=0.0
            )
            # Opens the -wal and -shm files too: after a replacement they must not be looked up by name.
            self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            log.warning("whether the database changes is not known, so every answer is made anew: %s", error)
            self.close()

    def mark(self, kinds: TouchedKind = EVERYTHING) -> Mark | None:
        """Return the mark of the present state of these kinds; None if it cannot be known now."""
        with self._asking:
            version = self._version()
            if version is None:
                return None
            if version != self._known:
                if self._committing:
                    return None
                self._changed(EVERYTHING, version)
            return self._number, max(self._last[kind] for kind in kinds)

    def begin(self) -> None:
        """Note that the writer has begun a transaction: nobody else commits while it lasts."""
        with self._asking:
            self._committing = False
            version = self._version()
            if version is None or version != self._known:
                self._changed(EVERYTHING, version)

    def committing(self) -> None:
        """Note that the writer commits: a new number is from its commit, or from another program's right after it."""
        with self._asking:
            self._committing = True

    def committed(self, touched: TouchedKind, alone: Callable[[], bool]) -> None:
        """Note the end of the writer's COMMIT, successful or not.

        `alone` returns whether no other connection committed since `begin`.
        """
        with self._asking:
            version = self._version()
        # Called last, and may have to wait: a commit that it misses has another number than `version`, and is detected by that.
        kinds = touched if version is not None and alone() else EVERYTHING
        with self._asking:
            self._committing = False
            if version is None or version != self._known:
                self._changed(kinds, version)

    def _changed(self, kinds: TouchedKind, version: int | None) -> None:
        number = next(self._count)
        self._last |= dict.fromkeys(kinds, number)
        self._known = version

    def _version(self) -> int | None:
        if self._connection is None:
            return None
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            log.debug("whether the database changed is not known: %s", error)
            return None

    def close(self) -> None:
        with self._asking:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Commits:
    """Reports the writer's transactions to the watcher of its database, if there is one."""

    def __init__(self, connection: sqlite3.Connection, changes: Callable[[], Changes | None]) -> None:
        self._connection = connection
        self._changes = changes
        self._touched = Touched(connection)
        self._watching: Changes | None = None
        self._others = 0

    def prepare(self) -> None:
        """Call before BEGIN IMMEDIATE."""
        self._watching = self._changes()
        if self._watching is not None:
            self._touched.begin()

    def begun(self) -> None:
        """Call right after BEGIN IMMEDIATE."""
        if self._watching is not None:
            self._watching.begin()
            self._others = self._commits_of_others()

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Enter around COMMIT."""
        if self._watching is None:
            yield
            return
        self._watching.committing()
        try:
            yield
        finally:
            self._watching.committed(self._touched.kinds, self._is_alone)

    def _is_alone(self) -> bool:
        try:
            return self._commits_of_others() == self._others
        except sqlite3.Error as error:
            log.debug("whether others changed the database is not known: %s", error)
            return False

    def _commits_of_others(self) -> int:
        """Return a number that changes when a connection other than the writer's has committed."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

"""Whether anything was committed to the database, by whichever program, and what kind of thing it was.

SQLite answers the first from the memory that all connections of a write-ahead log share, in a few microseconds and without a lock:
https://www.sqlite.org/pragma.html#pragma_data_version. The number means something within one connection alone, so there is one
that does nothing else. What the writer of this process changes, it says itself (touched.py):

    the writer   BEGIN, with the lock that keeps every other writer out ─▶ begin: as before? │ else somebody changed anything
                 committing ─▶ COMMIT ─▶ was it the only one to commit? ─▶ another mark for the kinds that it touched │ for all
    anybody      mark ─▶ the number as it is known? ─▶ the mark of these kinds
                              └─ another one ─▶ the writer is committing ─▶ None: whose it is will be known in a moment
                                                   └─ is not ─▶ another program's: another mark for every kind

A commit is seen as its number is; until the writer has said what it was, nobody gets a mark of before it. Whoever is told that a
change is made is told after that.
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
"""Two of the same kinds that are equal: nothing of these kinds was committed between them."""

_opened = itertools.count(1)


class Changes:
    """Of the database that lies at the path now. `mark` may be called from any thread, the rest from the writer's alone."""

    def __init__(self, path: Path) -> None:
        # A mark of a file that was exchanged since is never equal to one of its successor.
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
            # Opens the side files too: after an exchange they must not be looked up by name.
            self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            log.warning("whether the database changes is not known, so every answer is made anew: %s", error)
            self.close()

    def mark(self, kinds: TouchedKind = EVERYTHING) -> Mark | None:
        """Of what these kinds hold now. None where it cannot be known now."""
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
        """The writer has begun a transaction: as long as it lasts, nobody else commits."""
        with self._asking:
            self._committing = False
            version = self._version()
            if version is None or version != self._known:
                self._changed(EVERYTHING, version)

    def committing(self) -> None:
        """What is committed from here on is the writer's, or another's right after it."""
        with self._asking:
            self._committing = True

    def committed(self, touched: TouchedKind, alone: Callable[[], bool]) -> None:
        """The writer's COMMIT is over, however it ended; `alone` says whether no other connection has committed since `begin`."""
        with self._asking:
            version = self._version()
        # Asked last: what it does not know of yet has another number than `version`, and is seen by that. It may have to wait.
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
    """What the writer says of its transactions to those who watch its database, where anybody does."""

    def __init__(self, connection: sqlite3.Connection, changes: Callable[[], Changes | None]) -> None:
        self._connection = connection
        self._changes = changes
        self._touched = Touched(connection)
        self._watching: Changes | None = None
        self._others = 0

    def prepare(self) -> None:
        """Before BEGIN IMMEDIATE."""
        self._watching = self._changes()
        if self._watching is not None:
            self._touched.begin()

    def begun(self) -> None:
        """Right after it."""
        if self._watching is not None:
            self._watching.begin()
            self._others = self._commits_of_others()

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Around COMMIT."""
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
        """Another number as soon as another connection than the writer's has committed."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

"""Whether anything was committed to the database, by whichever program.

SQLite answers that from the memory that all connections of a write-ahead log share, in a few microseconds and without a lock:
https://www.sqlite.org/pragma.html#pragma_data_version. The number means something within one connection alone, so there is one
that does nothing else.
"""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
from pathlib import Path

log = logging.getLogger(__name__)

Mark = tuple[int, int]
"""Two that are equal: nothing was committed between them."""

_opened = itertools.count(1)


class Changes:
    """Of the database that lies at the path now; `mark` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        # A mark of a file that was exchanged since is never equal to one of its successor.
        self._number = next(_opened)
        self._asking = threading.Lock()
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

    def mark(self) -> Mark | None:
        """None where it cannot be known now."""
        with self._asking:
            if self._connection is None:
                return None
            try:
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error as error:
                log.debug("whether the database changed is not known: %s", error)
                return None
        return self._number, version

    def close(self) -> None:
        with self._asking:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

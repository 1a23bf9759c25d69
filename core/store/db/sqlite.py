"""Import sqlite-utils without pandas and numpy, and open connections that several threads may drop.

sqlite-utils imports both if they are installed, for column types that are not used here: pandas costs 80 MB of memory and 0.7 s
at the start, numpy another 0.15 s. It works without them, so they are hidden while the import runs.

A connection that is closed while another thread is inside its `execute` or `fetch` ends the process with a segmentation fault:
Python's module does not guard its objects (https://github.com/python/cpython/issues/123873). So only the thread that reads may
close its reader; others drop it. Threads hold the `Database`, its cursors do too, and the connection is closed with the last.
"""

from __future__ import annotations

import sqlite3
import sys
import weakref
from pathlib import Path
from typing import Any

from core.store.db import journal

_hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = ["Database", "Migrations", "open_reader", "wait_for_locks"]


def wait_for_locks(connection: Any, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


class _Cursor(sqlite3.Cursor):
    __slots__ = ("database",)
    database: Database | None


class _Connection(sqlite3.Connection):
    # None while the Database is being made.
    database: weakref.ref[Database] | None = None

    def cursor(self, factory: Any = _Cursor) -> Any:
        cursor = super().cursor(factory)
        cursor.database = self.database and self.database()
        return cursor

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        # The one that is inherited does not call `cursor`.
        cursor: sqlite3.Cursor = self.cursor()
        return cursor.execute(sql, parameters)


def open_writer(path: Path, lock_seconds: float, *, foreign: bool) -> Database:
    """Return a writing connection, with the journal that the file system allows. Rows are `sqlite3.Row`.

    Raises sqlite3.Error, StartError.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=True)
    try:
        wait_for_locks(connection, lock_seconds)
        journal.settle(connection, path, foreign=foreign)
        for pragma in ("foreign_keys = ON", "temp_store = MEMORY", "journal_size_limit = 67108864"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return Database(connection)


def open_reader(path: Path, lock_seconds: float) -> Database:
    """Return a read-only connection to the database file at `path`. Rows are `sqlite3.Row`. Raises sqlite3.OperationalError."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, factory=_Connection
    )
    try:
        db = Database(connection)
        connection.database = weakref.ref(db)
        wait_for_locks(connection, lock_seconds)
        connection.execute("PRAGMA query_only = ON")
        # Opens the -wal and -shm files too: after a replacement they must not be looked up by name.
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    # At the end of the process other threads may be reading still: the kernel closes the file then.
    weakref.finalize(db, connection.close).atexit = False
    return db

"""What a transaction of the writer may change, by kinds that are shown in different places.

    before BEGIN ─▶ an authorizer is set ─▶ SQLite compiles each statement anew and asks it: which table, which column?
    after COMMIT ─▶ the kinds of all that it was asked

SQLite asks when a statement is compiled, also of what triggers, foreign keys and virtual tables do in its wake
(https://www.sqlite.org/c3ref/set_authorizer.html). Its source lets all that is compiled expire when an authorizer is set; where one
did not, it would not ask about BEGIN either, and everything counts as touched. What is not named here is LIBRARY: a new table or
column needs no line to be seen.
"""

from __future__ import annotations

import sqlite3

from core.domain.episodes.touched_kind import EVERYTHING, NOTHING, TouchedKind

_WORK = frozenset({"jobs", "checkpoints", "hear_again", "tasks"})
# Columns of `episodes`. A trigger keeps `state` as the jobs have it.
_EPISODES = {"position": TouchedKind.PLACE, "played_at": TouchedKind.PLACE, "state": TouchedKind.WORK}
_READING = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_ROWS = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE})


def kind_of(table: str, column: str | None) -> TouchedKind:
    """Of a value in a table; of whole rows without a column."""
    if table in _WORK:
        return TouchedKind.WORK
    return _EPISODES.get(column or "", TouchedKind.LIBRARY) if table == "episodes" else TouchedKind.LIBRARY


class Touched:
    """Of one connection and its transactions, one after the other."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kinds = NOTHING
        self._asked = False

    def begin(self) -> None:
        """Before BEGIN."""
        self._kinds, self._asked = NOTHING, False
        self._connection.set_authorizer(self._note)

    @property
    def kinds(self) -> TouchedKind:
        """What was touched since `begin`, whether a row was changed or not."""
        return self._kinds if self._asked else EVERYTHING

    def _note(self, action: int, name: str | None, column: str | None, _database: str | None, _inner: str | None) -> int:
        if action in _ROWS:
            self._kinds |= kind_of(name or "", column)
        elif action == sqlite3.SQLITE_TRANSACTION:
            self._asked = self._asked or name == "BEGIN"
        elif action not in _READING and (action, name) != (sqlite3.SQLITE_PRAGMA, "data_version"):
            self._kinds |= TouchedKind.LIBRARY
        return sqlite3.SQLITE_OK

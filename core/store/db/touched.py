"""Find the kinds of data that a transaction of the writer may change.

    before BEGIN ─▶ an authorizer is set ─▶ SQLite recompiles each statement and asks: which table, which column?
    after COMMIT ─▶ the kinds of everything it asked about

SQLite calls the authorizer when it compiles a statement, also for triggers, foreign keys and virtual tables
(https://www.sqlite.org/c3ref/set_authorizer.html). By its source, setting an authorizer expires all compiled statements. If a
version did not, it would not ask about BEGIN either, and then everything counts as touched. Tables and columns that are not named
here are LIBRARY, so that a new one needs no line to be detected.
"""

from __future__ import annotations

import sqlite3

from core.domain.episodes.touched_kind import EVERYTHING, NOTHING, TouchedKind

_WORK = frozenset({"jobs", "checkpoints", "hear_again", "tasks"})
# Shown by no answer that is cached: a use of a session, a run of a schedule or a notice must not make the lists anew.
_UNSEEN = frozenset(
    {
        *("sessions", "api_tokens", "audit_log", "user_identities", "sign_in_places"),
        *("schedules", "schedule_runs", "trends", "incidents"),
        *("notification_channels", "notices", "deliveries", "told_states"),
    }
)
# A trigger keeps `state` of `episodes` in step with the jobs.
_COLUMNS = {
    ("episodes", "state"): TouchedKind.WORK,
    ("reading_states", "position"): TouchedKind.PLACE,
    ("reading_states", "played_at"): TouchedKind.PLACE,
}
_READING = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_ROWS = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE})


def kind_of(table: str, column: str | None) -> TouchedKind:
    """Return the kind of a column; without a column, of whole rows."""
    if table in _WORK:
        return TouchedKind.WORK
    if table in _UNSEEN:
        return NOTHING
    return _COLUMNS.get((table, column or ""), TouchedKind.LIBRARY)


class Touched:
    """Collects the kinds of one connection's transactions, one after the other."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kinds = NOTHING
        self._asked = False

    def begin(self) -> None:
        """Reset; call it before BEGIN."""
        self._kinds, self._asked = NOTHING, False
        self._connection.set_authorizer(self._note)

    @property
    def kinds(self) -> TouchedKind:
        """Return the kinds touched since `begin`, even if no row was changed."""
        return self._kinds if self._asked else EVERYTHING

    def _note(self, action: int, name: str | None, column: str | None, _database: str | None, _inner: str | None) -> int:
        if action in _ROWS:
            self._kinds |= kind_of(name or "", column)
        elif action == sqlite3.SQLITE_TRANSACTION:
            self._asked = self._asked or name == "BEGIN"
        elif action not in _READING and (action, name) != (sqlite3.SQLITE_PRAGMA, "data_version"):
            self._kinds |= TouchedKind.LIBRARY
        return sqlite3.SQLITE_OK

"""The `sessions` table: signed-in browsers, by the digest of their token."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.domain.accounts.role import Role
from core.domain.accounts.user import BrowserSession
from core.store.db.sqlite import Database

_COLUMNS = "id, user_id, created_at, seen_at, ends_at, address, agent"


class Holder(NamedTuple):
    """The session behind a token, with the name and role of its user."""

    session_id: int
    user_id: int
    name: str
    role: Role
    seen_at: float


def holder(db: Database, digest: str, *, now: float) -> Holder | None:
    """Return who holds a session that has not ended; None if it was revoked, has ended, or its user is disabled."""
    row = db.execute(
        "SELECT sessions.id, user_id, name, role, seen_at FROM sessions JOIN users ON users.id = user_id "
        "WHERE digest = ? AND ends_at > ? AND disabled_at IS NULL",
        [digest, now],
    ).fetchone()
    return None if row is None else Holder(row["id"], row["user_id"], row["name"], Role.named(row["role"]), row["seen_at"])


def add(db: Database, digest: str, user_id: int, *, now: float, ends_at: float, address: str, agent: str) -> int:
    """Insert a session; return its id."""
    cursor = db.execute(
        "INSERT INTO sessions (digest, user_id, created_at, seen_at, ends_at, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [digest, user_id, now, now, ends_at, address, agent],
    )
    return int(cursor.lastrowid or 0)


def touch(db: Database, session_id: int, *, now: float, ends_at: float, address: str) -> None:
    """Note a use, which extends the session up to `ends_at`."""
    db.execute("UPDATE sessions SET seen_at = ?, ends_at = ?, address = ? WHERE id = ?", [now, ends_at, address, session_id])


def created_at(db: Database, session_id: int) -> float | None:
    row = db.execute("SELECT created_at FROM sessions WHERE id = ?", [session_id]).fetchone()
    return None if row is None else float(row["created_at"])


def of_user(db: Database, user_id: int, *, now: float) -> list[BrowserSession]:
    """Return the open sessions of a user, the last used one first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM sessions WHERE user_id = ? AND ends_at > ? ORDER BY seen_at DESC, id DESC", [user_id, now]
    )
    return [_session(row) for row in rows]


def revoke(db: Database, user_id: int, session_id: int) -> bool:
    """Delete a session of this user; return whether there was one."""
    return db.execute("DELETE FROM sessions WHERE id = ? AND user_id = ?", [session_id, user_id]).rowcount == 1


def revoke_all(db: Database, user_id: int, *, but: int | None = None) -> list[int]:
    """Delete the sessions of a user, except `but`; return their ids."""
    rows = db.execute("DELETE FROM sessions WHERE user_id = ? AND id IS NOT ? RETURNING id", [user_id, but]).fetchall()
    return [row["id"] for row in rows]


def clear(db: Database) -> int:
    """Delete the sessions of everybody; return how many there were."""
    return int(db.execute("DELETE FROM sessions").rowcount)


def prune(db: Database, *, now: float) -> int:
    """Delete sessions that have ended; return how many."""
    return int(db.execute("DELETE FROM sessions WHERE ends_at <= ?", [now]).rowcount)


def _session(row: Any) -> BrowserSession:
    return BrowserSession(**{name: row[name] for name in _COLUMNS.split(", ")})

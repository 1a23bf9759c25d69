"""The `users` table: names, roles, passwords. A new query about users goes here; sessions and tokens have modules of their own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from core.domain.accounts.actor import OWNER
from core.domain.accounts.role import Role
from core.domain.accounts.user import User, key_of
from core.errors import NotFound, UserNameTaken
from core.store.db.sqlite import Database

_COLUMNS = (
    "id, name, role, created_at, password IS NOT NULL AS password, totp IS NOT NULL AS totp, disabled_at IS NOT NULL AS disabled, "
    "(SELECT max(seen_at) FROM sessions WHERE user_id = users.id) AS seen_at"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of a user: the hash of the password, and the sealed secret of the second factor with its last used step."""

    user_id: int
    name: str
    role: Role
    password: str | None
    totp: str | None
    totp_step: int


def add_owner_if_missing(db: Database, *, now: float) -> None:
    """Insert the owner's row, without which no mark can be saved: a library from elsewhere may lack it."""
    db.execute(
        "INSERT INTO users (id, role, created_at, name_key) VALUES (?, 'admin', ?, (SELECT 'admin' WHERE NOT EXISTS "
        "(SELECT 1 FROM users WHERE name_key = 'admin'))) ON CONFLICT (id) DO NOTHING",
        [OWNER.user_id, now],
    )


def has_owner(db: Database) -> bool:
    """Return whether the owner's row is there."""
    return db.execute("SELECT 1 FROM users WHERE id = ?", [OWNER.user_id]).fetchone() is not None


def any_password(db: Database) -> bool:
    """Return whether anybody can sign in."""
    return db.execute("SELECT 1 FROM users WHERE password IS NOT NULL AND disabled_at IS NULL LIMIT 1").fetchone() is not None


def every(db: Database) -> list[User]:
    return [_user(row) for row in db.execute(f"SELECT {_COLUMNS} FROM users ORDER BY id")]


def get(db: Database, user_id: int) -> User:
    """Raises NotFound."""
    row = db.execute(f"SELECT {_COLUMNS} FROM users WHERE id = ?", [user_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return _user(row)


def by_name(db: Database, name: str) -> User | None:
    """Return a user by name, in whatever case."""
    row = db.execute(f"SELECT {_COLUMNS} FROM users WHERE name_key = ?", [key_of(name)]).fetchone()
    return None if row is None else _user(row)


def credentials(db: Database, name: str) -> Credentials | None:
    """Return the secrets of an enabled user by name, in whatever case; None if there is none."""
    row = db.execute(
        "SELECT id, name, role, password, totp, totp_step FROM users WHERE name_key = ? AND disabled_at IS NULL", [key_of(name)]
    ).fetchone()
    return None if row is None else _credentials(row)


def credentials_of(db: Database, user_id: int) -> Credentials:
    """Return the secrets of a user. Raises NotFound."""
    row = db.execute("SELECT id, name, role, password, totp, totp_step FROM users WHERE id = ?", [user_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return _credentials(row)


def still(db: Database, found: Credentials) -> bool:
    """Return whether what was verified still counts: the same password and second factor, of a user who is not disabled."""
    row = db.execute(
        "SELECT 1 FROM users WHERE id = ? AND password IS ? AND totp IS ? AND disabled_at IS NULL",
        [found.user_id, found.password, found.totp],
    ).fetchone()
    return row is not None


def add(db: Database, name: str, role: Role, *, password: str | None, now: float) -> int:
    """Insert a user; return the id. Raises UserNameTaken."""
    try:
        cursor = db.execute(
            "INSERT INTO users (name, name_key, role, password, created_at) VALUES (?, ?, ?, ?, ?)",
            [name, key_of(name), role.word, password, now],
        )
    except sqlite3.IntegrityError as error:
        raise UserNameTaken() from error
    return int(cursor.lastrowid or 0)


def rename(db: Database, user_id: int, name: str) -> None:
    """Raises UserNameTaken."""
    try:
        db.execute("UPDATE users SET name = ?, name_key = ? WHERE id = ?", [name, key_of(name), user_id])
    except sqlite3.IntegrityError as error:
        raise UserNameTaken() from error


def set_role(db: Database, user_id: int, role: Role) -> None:
    db.execute("UPDATE users SET role = ? WHERE id = ?", [role.word, user_id])


def set_password(db: Database, user_id: int, password: str | None) -> None:
    """Store a hash, or take the password away."""
    db.execute("UPDATE users SET password = ? WHERE id = ?", [password, user_id])


def replace_password(db: Database, user_id: int, before: str | None, password: str) -> bool:
    """Store a hash in place of the one that was verified; return False if another took its place meanwhile."""
    return db.execute("UPDATE users SET password = ? WHERE id = ? AND password IS ?", [password, user_id, before]).rowcount == 1


def set_totp(db: Database, user_id: int, sealed: str | None) -> None:
    """Store the sealed secret of a second factor, or turn it off."""
    db.execute("UPDATE users SET totp = ?, totp_step = 0 WHERE id = ?", [sealed, user_id])


def use_step(db: Database, user_id: int, step: int) -> bool:
    """Mark a time step of the second factor as used; return False if it, or a later one, was used before."""
    return db.execute("UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?", [step, user_id, step]).rowcount == 1


def set_disabled(db: Database, user_id: int, disabled: bool, *, now: float) -> None:
    db.execute("UPDATE users SET disabled_at = ? WHERE id = ?", [now if disabled else None, user_id])


def delete(db: Database, user_id: int) -> None:
    """Delete a user with the personal rows: marks, positions, choices, sessions, tokens."""
    db.execute("DELETE FROM users WHERE id = ?", [user_id])


def admins(db: Database) -> set[int]:
    """Return the ids of the admins who can sign in."""
    rows = db.execute("SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password IS NOT NULL")
    return {row["id"] for row in rows}


def _user(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=Role.named(row["role"]),
        created_at=row["created_at"],
        password=bool(row["password"]),
        totp=bool(row["totp"]),
        disabled=bool(row["disabled"]),
        seen_at=row["seen_at"],
    )


def _credentials(row: Any) -> Credentials:
    return Credentials(row["id"], row["name"], Role.named(row["role"]), row["password"], row["totp"], row["totp_step"])

"""The `api_tokens` table: what programs sign in with, by the digest of the token."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.user import ApiToken
from core.store.db.sqlite import Database

_COLUMNS = "id, user_id, name, hint, scope, created_at, used_at, ends_at"


class Bearer(NamedTuple):
    """The token behind a digest, with the name and role of its user."""

    token_id: int
    user_id: int
    name: str
    role: Role
    scope: TokenScope
    used_at: float | None


def bearer(db: Database, digest: str, *, now: float) -> Bearer | None:
    """Return who bears a token that has not ended; None if it was revoked, has ended, or its user is disabled."""
    row = db.execute(
        "SELECT api_tokens.id, user_id, users.name, role, scope, used_at FROM api_tokens JOIN users ON users.id = user_id "
        "WHERE digest = ? AND (ends_at IS NULL OR ends_at > ?) AND disabled_at IS NULL",
        [digest, now],
    ).fetchone()
    if row is None:
        return None
    role, scope = Role.named(row["role"]), TokenScope.named(row["scope"])
    return Bearer(row["id"], row["user_id"], row["name"], role, scope, row["used_at"])


def add(db: Database, token: ApiToken, digest: str) -> int:
    """Insert a token; return its id. That of `token` is ignored."""
    cursor = db.execute(
        "INSERT INTO api_tokens (digest, user_id, name, hint, scope, created_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [digest, token.user_id, token.name, token.hint, token.scope.word, token.created_at, token.ends_at],
    )
    return int(cursor.lastrowid or 0)


def count(db: Database, user_id: int) -> int:
    (found,) = db.execute("SELECT count(*) FROM api_tokens WHERE user_id = ?", [user_id]).fetchone()
    return int(found)


def of_user(db: Database, user_id: int) -> list[ApiToken]:
    """Return the tokens of a user, the newest first; ended ones too."""
    return [_token(row) for row in db.execute(f"SELECT {_COLUMNS} FROM api_tokens WHERE user_id = ? ORDER BY id DESC", [user_id])]


def touch(db: Database, token_id: int, *, now: float) -> None:
    """Note a use."""
    db.execute("UPDATE api_tokens SET used_at = ? WHERE id = ?", [now, token_id])


def revoke(db: Database, user_id: int, token_id: int) -> bool:
    """Delete a token of this user; return whether there was one."""
    return db.execute("DELETE FROM api_tokens WHERE id = ? AND user_id = ?", [token_id, user_id]).rowcount == 1


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        hint=row["hint"],
        scope=TokenScope.named(row["scope"]),
        created_at=row["created_at"],
        used_at=row["used_at"],
        ends_at=row["ends_at"],
    )

"""The `user_identities` table: which person at a sign-in provider is which user. A user has at most one at each provider."""

from __future__ import annotations

from core.domain.accounts.identity import Identity
from core.store.db.sqlite import Database


def user_of(db: Database, identity: Identity) -> int | None:
    """Return the id of the user whose identity this is; None if it is nobody's."""
    row = db.execute(
        "SELECT user_id FROM user_identities WHERE issuer = ? AND subject = ?", [identity.issuer, identity.subject]
    ).fetchone()
    return None if row is None else int(row["user_id"])


def of_user(db: Database, user_id: int) -> list[Identity]:
    """Return the identities of a user, the oldest first."""
    rows = db.execute(
        "SELECT issuer, subject, label FROM user_identities WHERE user_id = ? ORDER BY created_at, issuer", [user_id]
    )
    return [Identity(row["issuer"], row["subject"], row["label"]) for row in rows]


def link(db: Database, user_id: int, identity: Identity, *, now: float) -> None:
    """Give an identity to a user, in place of the one that they had at the same provider."""
    db.execute("DELETE FROM user_identities WHERE user_id = ? AND issuer = ?", [user_id, identity.issuer])
    db.execute(
        "INSERT INTO user_identities (issuer, subject, user_id, label, created_at) VALUES (?, ?, ?, ?, ?)",
        [identity.issuer, identity.subject, user_id, identity.label, now],
    )


def relabel(db: Database, identity: Identity) -> None:
    """Note what the person calls themselves at the provider now."""
    db.execute(
        "UPDATE user_identities SET label = ? WHERE issuer = ? AND subject = ?",
        [identity.label, identity.issuer, identity.subject],
    )


def unlink(db: Database, user_id: int) -> int:
    """Delete a user's identities; return how many there were."""
    return db.execute("DELETE FROM user_identities WHERE user_id = ?", [user_id]).rowcount

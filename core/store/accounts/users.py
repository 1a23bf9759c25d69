"""The `users` table: who has marks and choices of their own."""

from __future__ import annotations

from core.domain.accounts.actor import OWNER
from core.store.db.sqlite import Database


def add_owner_if_missing(db: Database, *, now: float) -> None:
    """Insert the owner's row, without which no mark can be saved: a library from elsewhere may lack it."""
    db.execute(
        "INSERT INTO users (id, role, created_at) VALUES (?, 'admin', ?) ON CONFLICT (id) DO NOTHING", [OWNER.user_id, now]
    )


def has_owner(db: Database) -> bool:
    """Return whether the owner's row is there."""
    return db.execute("SELECT 1 FROM users WHERE id = ?", [OWNER.user_id]).fetchone() is not None

"""The `sign_in_places` table: from where each user has signed in before."""

from __future__ import annotations

from core.store.db.sqlite import Database

MOST = 100


def is_new(db: Database, user_id: int, place: str, *, now: float) -> bool:
    """Remember the place; return whether the user has signed in before, but never from there."""
    known = {row["place"] for row in db.execute("SELECT place FROM sign_in_places WHERE user_id = ?", [user_id])}
    db.execute(
        "INSERT INTO sign_in_places (user_id, place, seen_at) VALUES (?, ?, ?) "
        "ON CONFLICT (user_id, place) DO UPDATE SET seen_at = excluded.seen_at",
        [user_id, place, now],
    )
    db.execute(
        "DELETE FROM sign_in_places WHERE user_id = :user AND place IN ("
        "SELECT place FROM sign_in_places WHERE user_id = :user ORDER BY seen_at DESC LIMIT -1 OFFSET :most)",
        {"user": user_id, "most": MOST},
    )
    return bool(known) and place not in known

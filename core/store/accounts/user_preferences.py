"""The `user_preferences` table: a user's choices in one browser, or, with browser "", outside any browser."""

from __future__ import annotations

from core.domain.accounts.actor import Actor
from core.store.db.sqlite import Database

# Any client can invent a browser name, so only the most recently changed browsers of a user are kept.
MOST_BROWSERS = 200


def every(db: Database) -> dict[tuple[int, str, str], str]:
    """Return all values by (user id, browser, name)."""
    rows = db.execute("SELECT user_id, browser, name, value FROM user_preferences")
    return {(row["user_id"], row["browser"], row["name"]): row["value"] for row in rows}


def save(db: Database, actor: Actor, name: str, value: str, *, now: float) -> None:
    """Save a choice for the actor's browser."""
    db.execute(
        "INSERT INTO user_preferences (user_id, browser, name, value, changed_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (user_id, browser, name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
        [actor.user_id, actor.browser, name, value, now],
    )
    db.execute(
        "DELETE FROM user_preferences WHERE user_id = :user AND name = :name AND browser IN ("
        "SELECT browser FROM user_preferences WHERE user_id = :user AND name = :name AND browser <> '' "
        "ORDER BY changed_at DESC, browser LIMIT -1 OFFSET :most)",
        {"user": actor.user_id, "name": name, "most": MOST_BROWSERS},
    )


def forget(db: Database, actor: Actor, name: str) -> None:
    """Delete the choice of this browser."""
    db.execute(
        "DELETE FROM user_preferences WHERE user_id = ? AND browser = ? AND name = ?", [actor.user_id, actor.browser, name]
    )

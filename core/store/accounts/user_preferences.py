"""The `user_preferences` table: what a user chose for themselves in one browser, or, with browser "", where there is none."""

from __future__ import annotations

from core.domain.accounts.actor import Actor
from core.store.db.sqlite import Database

# Any program can name itself a new browser: of a user's, those that chose last are remembered.
MOST_BROWSERS = 200


def every(db: Database) -> dict[tuple[int, str, str], str]:
    """Values by (user id, browser, name)."""
    rows = db.execute("SELECT user_id, browser, name, value FROM user_preferences")
    return {(row["user_id"], row["browser"], row["name"]): row["value"] for row in rows}


def save(db: Database, actor: Actor, name: str, value: str, *, now: float) -> None:
    """Keeps a choice for the browser that the actor asks from."""
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
    """Takes the choice of this browser away."""
    db.execute(
        "DELETE FROM user_preferences WHERE user_id = ? AND browser = ? AND name = ?", [actor.user_id, actor.browser, name]
    )

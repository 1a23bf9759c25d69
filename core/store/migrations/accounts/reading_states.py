"""Users, and the rows that are theirs alone: reading states and preferences."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run

# Columns that the library's lists filter by; a user's own are looked up by their key, one row per episode that is shown.
_FILTERED = "id {order}, state, feed_id, spoken_language"
_NEWEST = "coalesce(published_at, created_at)"
_PERSONAL = ("starred_at", "read_at", "position", "played_at")


def _list_index(name: str, keys: str, order: str, *more: str) -> str:
    columns = ", ".join([f"{keys} {order}", _FILTERED.format(order=order), *more])
    return f"CREATE INDEX {name} ON episodes({columns}) WHERE deleted_at IS NULL"


@migrations(name="0028_reading_states")
def reading_states(db: Database) -> None:
    """Stars, read marks and positions go from the episodes to rows by user; all that there are belong to the owner."""
    run(
        db,
        """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
            created_at REAL NOT NULL
        )""",
        "INSERT INTO users (id, role, created_at) VALUES (1, 'admin', unixepoch())",
        """
        CREATE TABLE user_preferences (
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            browser TEXT NOT NULL DEFAULT '',
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            changed_at REAL NOT NULL,
            PRIMARY KEY (user_id, browser, name)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE reading_states (
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            read_at REAL,
            starred_at REAL,
            position REAL NOT NULL DEFAULT 0,
            played_at REAL,
            PRIMARY KEY (user_id, episode_id)
        ) WITHOUT ROWID""",
        f"INSERT INTO reading_states (user_id, episode_id, {', '.join(_PERSONAL)}) SELECT 1, id, {', '.join(_PERSONAL)} FROM episodes "
        "WHERE starred_at IS NOT NULL OR read_at IS NOT NULL OR position > 0 OR played_at IS NOT NULL",
        "CREATE INDEX reading_states_episode ON reading_states(episode_id)",
        "CREATE INDEX reading_states_unfinished ON reading_states(user_id, played_at DESC, episode_id) "
        "WHERE position > 0 AND read_at IS NULL",
        *(f"DROP INDEX episodes_{name}" for name in ("newest", "longest", "title", "added", "feed", "state", "unfinished")),
        *(f"ALTER TABLE episodes DROP COLUMN {name}" for name in _PERSONAL),
        _list_index("episodes_newest", _NEWEST, "DESC", "title"),
        _list_index("episodes_longest", "coalesce(duration, 0)", "DESC", "title"),
        _list_index("episodes_title", "title COLLATE NOCASE", "ASC"),
        _list_index("episodes_added", "created_at", "DESC", "title"),
        _list_index("episodes_feed", f"feed_id, {_NEWEST}", "DESC", "title"),
        _list_index("episodes_state", f"state, {_NEWEST}", "DESC", "title"),
    )

"""The `reading_states` table: which episodes each user has read, starred and played. No row means none of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.domain.episodes.reading_state import ReadingState
from core.errors import NotFound
from core.store.db.rows import columns
from core.store.db.sqlite import Database

COLUMNS = columns(ReadingState, "reading_states")
_NONE = ReadingState()
MARKS = ("read_at", "starred_at")


def state_of(values: Sequence[Any]) -> ReadingState:
    """Build the state from values that start with those of COLUMNS; all NULL, from a LEFT JOIN, means none."""
    read_at, starred_at, position, played_at = values[:4]
    return _NONE if position is None else ReadingState(read_at, starred_at, position, played_at)


def mark(db: Database, user_id: int, episode_ids: Sequence[int], *, column: str, at: float | None) -> int:
    """Set `starred_at` or `read_at` where it is not set, or clear it (None); return the number of changed episodes.

    Episodes in the trash are skipped. Marking an episode as read resets its position to 0.
    """
    return _clear(db, user_id, episode_ids, column) if at is None else _set(db, user_id, episode_ids, column, at)


def _set(db: Database, user_id: int, episode_ids: Sequence[int], column: str, at: float) -> int:
    rewound = ", position = 0" if column == "read_at" else ""
    cursor = db.execute(
        f"INSERT INTO reading_states (user_id, episode_id, {column}) "
        f"SELECT ?, id, ? FROM episodes WHERE id IN ({', '.join('?' * len(episode_ids))}) AND deleted_at IS NULL "
        f"ON CONFLICT (user_id, episode_id) DO UPDATE SET {column} = excluded.{column}{rewound} WHERE {column} IS NULL",
        [user_id, at, *episode_ids],
    )
    return int(cursor.rowcount)


def _clear(db: Database, user_id: int, episode_ids: Sequence[int], column: str) -> int:
    cursor = db.execute(
        f"UPDATE reading_states SET {column} = NULL "
        f"WHERE user_id = ? AND episode_id IN ({', '.join('?' * len(episode_ids))}) AND {column} IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM episodes WHERE episodes.id = episode_id AND deleted_at IS NULL)",
        [user_id, *episode_ids],
    )
    return int(cursor.rowcount)


def set_position(db: Database, user_id: int, episode_id: int, position: float, *, now: float) -> None:
    """Save the user's position in seconds. Raises NotFound."""
    if db.execute("SELECT 1 FROM episodes WHERE id = ?", [episode_id]).fetchone() is None:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    values = {"user": user_id, "episode": episode_id, "position": position, "now": now}
    # Not one upsert: an INSERT counts as a change of the whole row, and more cached answers depend on that.
    cursor = db.execute(
        "UPDATE reading_states SET position = :position, played_at = :now WHERE user_id = :user AND episode_id = :episode", values
    )
    if cursor.rowcount == 0:
        db.execute(
            "INSERT INTO reading_states (user_id, episode_id, position, played_at) VALUES (:user, :episode, :position, :now)",
            values,
        )


def merge(db: Database, *, old: int, new: int) -> None:
    """Copy the users' states of the episode `new` to `old`, for each column that is not set there."""
    names = [field.name for field in fields(ReadingState)]
    kept = ", ".join(f"{name} = coalesce(nullif({name}, 0), excluded.{name})" for name in names)
    db.execute(
        f"INSERT INTO reading_states (user_id, episode_id, {', '.join(names)}) "
        f"SELECT user_id, ?, {', '.join(names)} FROM reading_states WHERE episode_id = ? "
        f"ON CONFLICT (user_id, episode_id) DO UPDATE SET {kept}",
        [old, new],
    )

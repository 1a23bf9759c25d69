"""Read marks and stars of all users as bits of `episodes`, so that the indexes of the lists contain them.

reading_states ─ any change ─▶ triggers ─▶ episodes.read_by, starred_by ─▶ the indexes of the lists
"""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run

_NEWEST = "coalesce(published_at, created_at)"
# Bit n stands for the user n. SQLite's integers have 63 bits without the sign; other users' marks are looked up.
_BITS = "coalesce(sum(1 << user_id) FILTER (WHERE {column} IS NOT NULL AND user_id BETWEEN 1 AND 62), 0)"
# Computed from all marks of the episode rather than bit by bit, so that one change repairs what an earlier one may have missed.
_KEEP = (
    f"UPDATE episodes SET read_by = marks.read, starred_by = marks.starred FROM (SELECT {_BITS.format(column='read_at')} AS read, "
    f"{_BITS.format(column='starred_at')} AS starred FROM reading_states WHERE episode_id = {{row}}.episode_id) AS marks "
    "WHERE id = {row}.episode_id AND (read_by <> marks.read OR starred_by <> marks.starred)"
)


def _list_index(name: str, keys: str, order: str, *more: str) -> str:
    columns = ", ".join([f"{keys} {order}, id {order}, read_by, starred_by, state, feed_id, spoken_language", *more])
    return f"CREATE INDEX {name} ON episodes({columns}) WHERE deleted_at IS NULL"


def _trigger(name: str, when: str, *rows: str) -> str:
    changes = " ".join(f"{_KEEP.format(row=row)};" for row in rows)
    return f"CREATE TRIGGER reading_states_{name} AFTER {when} ON reading_states BEGIN {changes} END"


@migrations(name="0029_mark_bits")
def mark_bits(db: Database) -> None:
    """Bits for the marks of users, kept by triggers; a saved position fires none of them."""
    run(
        db,
        *(f"DROP INDEX episodes_{name}" for name in ("newest", "longest", "title", "added", "feed", "state")),
        "ALTER TABLE episodes ADD COLUMN read_by INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE episodes ADD COLUMN starred_by INTEGER NOT NULL DEFAULT 0",
        f"UPDATE episodes SET read_by = marks.read, starred_by = marks.starred FROM (SELECT episode_id, "
        f"{_BITS.format(column='read_at')} AS read, {_BITS.format(column='starred_at')} AS starred FROM reading_states "
        "GROUP BY episode_id) AS marks WHERE id = marks.episode_id",
        _trigger("added", "INSERT", "NEW"),
        _trigger("changed", "UPDATE OF user_id, episode_id, read_at, starred_at", "OLD", "NEW"),
        _trigger("deleted", "DELETE", "OLD"),
        _list_index("episodes_newest", _NEWEST, "DESC", "title"),
        _list_index("episodes_longest", "coalesce(duration, 0)", "DESC", "title"),
        _list_index("episodes_title", "title COLLATE NOCASE", "ASC"),
        _list_index("episodes_added", "created_at", "DESC", "title"),
        _list_index("episodes_feed", f"feed_id, {_NEWEST}", "DESC", "title"),
        _list_index("episodes_state", f"state, {_NEWEST}", "DESC", "title"),
    )

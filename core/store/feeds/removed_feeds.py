"""The `removed_feeds` table: unsubscribed feeds with their dependent rows, for as long as that can be undone.

Rows are stored as they were, column by column, so a later migration needs no change here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core import events
from core.errors import Conflict, NotFound
from core.store.db.rows import inserted_id
from core.store.db.sqlite import Database

# Tables whose rows are deleted with a feed's row, and would be lost.
_HANGS_ON = ("dismissed", "feed_access", "keep_rules")


@dataclass(frozen=True, slots=True)
class RemovedFeed:
    """`id` is the feed's former id. `episodes` counts its episodes; `trashed` those that were put into the trash with it."""

    id: int
    title: str
    episodes: int
    trashed: int
    removed_at: float


def keep(db: Database, feed_id: int, *, trash: bool, now: float) -> list[int]:
    """Store the feed; return the ids of its episodes outside the trash. With `trash`, the caller will put those there.

    The caller deletes the feed's row. Raises NotFound.
    """
    feed = _rows(db, "SELECT * FROM feeds WHERE id = ?", feed_id)
    if not feed:
        raise NotFound(f"There is no feed {feed_id}.", id=feed_id)
    hanging = {table: _rows(db, f"SELECT * FROM {table} WHERE feed_id = ?", feed_id) for table in _HANGS_ON}
    episodes = _rows(db, "SELECT id, deleted_at FROM episodes WHERE feed_id = ? ORDER BY id", feed_id)
    there = [row["id"] for row in episodes if row["deleted_at"] is None]
    db.execute(
        "INSERT OR REPLACE INTO removed_feeds (id, title, feed, dismissed, episodes, trashed, removed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            feed_id,
            feed[0]["title"],
            *map(json.dumps, (feed[0], hanging, [row["id"] for row in episodes], there if trash else [])),
            now,
        ],
    )
    return there


def listing(db: Database) -> list[RemovedFeed]:
    """Return the removed feeds, the last removed first."""
    rows = db.execute(
        "SELECT id, title, json_array_length(episodes), json_array_length(trashed), removed_at FROM removed_feeds ORDER BY removed_at DESC, id"
    )
    return [RemovedFeed(*row) for row in rows]


def bring_back(db: Database, feed_id: int, *, now: float) -> tuple[int, list[int]]:
    """Restore the feed, due for a poll; return its id, and the ids of the episodes that were put into the trash with it.

    The id is new if another feed has taken the old one. Raises NotFound, and Conflict if its address is subscribed again.
    """
    row = db.execute("SELECT * FROM removed_feeds WHERE id = ?", [feed_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no removed feed {feed_id}; after a week they are gone.", id=feed_id)
    feed = json.loads(row["feed"])
    again = db.execute("SELECT id, title FROM feeds WHERE url = ?", [feed["url"]]).fetchone()
    if again:
        raise Conflict(
            f"{again['title']} is subscribed again already.",
            id=again["id"],
            state="subscribed",
            case="subscribed",
            title=again["title"],
        )
    taken = db.execute("SELECT 1 FROM feeds WHERE id = ?", [feed_id]).fetchone() is not None
    back = _insert(db, "feeds", feed | {"next_poll_at": now, "id": None if taken else feed_id})
    for table, hanging in json.loads(row["dismissed"]).items():
        for each in hanging:
            _insert(db, table, each | {"feed_id": back})
    ids = json.loads(row["episodes"])
    db.conn.executemany("UPDATE episodes SET feed_id = ? WHERE id = ? AND feed_id IS NULL", [(back, each) for each in ids])
    db.execute("DELETE FROM removed_feeds WHERE id = ?", [feed_id])
    events.record(events.FeedAdded(feed_id=back))
    return back, list(json.loads(row["trashed"]))


def delete_old(db: Database, *, before: float) -> int:
    return db.execute("DELETE FROM removed_feeds WHERE removed_at < ?", [before]).rowcount


def _rows(db: Database, query: str, value: int) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(query, [value])]


def _insert(db: Database, table: str, row: dict[str, Any]) -> int:
    cursor = db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(':' + name for name in row)})", row)
    return inserted_id(cursor)

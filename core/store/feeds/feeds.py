"""The `feeds` table. Queries that return feeds belong here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core import events
from core.domain.feeds import folder_feed
from core.domain.feeds.feed import Feed
from core.domain.feeds.polling import IMPOSSIBLE
from core.errors import NotFound
from core.store.db.rows import assignments, build, columns, inserted_id
from core.store.db.sqlite import Database

_COLUMNS = columns(Feed, "feeds")


def _feed(row: sqlite3.Row) -> Feed:
    return build(Feed, row, **_flags(row), error=_error(row["error"]))


def _flags(row: sqlite3.Row) -> dict[str, bool]:
    return {name: bool(row[name]) for name in ("auto_transcribe", "cut_off", "complete", "pages_enough")}


def _error(stored: str | None) -> dict[str, Any] | None:
    """Return `{code, detail, params}`; earlier versions stored the English detail alone."""
    if stored is None:
        return None
    return dict(json.loads(stored)) if stored.startswith("{") else {"code": "", "detail": stored, "params": {}}


def add(db: Database, values: Mapping[str, Any], *, now: float) -> int:
    row = {**values, "id": _next_id(db), "created_at": now}
    cursor = db.execute(f"INSERT INTO feeds ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})", row)
    feed_id = inserted_id(cursor)
    events.record(events.FeedAdded(feed_id=feed_id))
    return feed_id


def _next_id(db: Database) -> int:
    """Return a new id, never that of a removed feed, which can come back: SQLite alone would reuse the last one's."""
    return int(
        db.execute(
            "SELECT 1 + max((SELECT coalesce(max(id), 0) FROM feeds), (SELECT coalesce(max(id), 0) FROM removed_feeds))"
        ).fetchone()[0]
    )


def change(db: Database, feed_id: int, values: Mapping[str, Any]) -> None:
    """Update columns; an `error` is a record. Raises NotFound."""
    error = values.get("error")
    row = {**values, "id": feed_id} | ({"error": json.dumps(error, ensure_ascii=False)} if error else {})
    cursor = db.execute(f"UPDATE feeds SET {assignments(values)} WHERE id = :id", row)
    if cursor.rowcount == 0:
        raise NotFound(f"There is no feed {feed_id}.", id=feed_id)


def sort_in(db: Database, feed_id: int, folder: str) -> None:
    """Put the feed into the folder, unless it is in one already."""
    db.execute("UPDATE feeds SET folder = ? WHERE id = ? AND folder = ''", [folder, feed_id])


def delete(db: Database, feed_id: int) -> None:
    if db.execute("DELETE FROM feeds WHERE id = ?", [feed_id]).rowcount:
        events.record(events.FeedRemoved(feed_id=feed_id))


def get(db: Database, feed_id: int) -> Feed:
    """Return a feed. Raises NotFound."""
    row = db.execute(f"SELECT {_COLUMNS} FROM feeds WHERE id = ?", [feed_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no feed {feed_id}.", id=feed_id)
    return _feed(row)


def with_url(db: Database, url: str) -> Feed | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM feeds WHERE url = ?", [url]).fetchone()
    return _feed(row) if row else None


def of_show(db: Database, podcast_guid: str) -> list[Feed]:
    """Return the feeds of a show that need no credentials, oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM feeds WHERE podcast_guid = ? "
        "AND NOT EXISTS (SELECT 1 FROM feed_access WHERE feed_id = feeds.id) ORDER BY id",
        [podcast_guid],
    )
    return [_feed(row) for row in rows]


def listing(db: Database) -> list[Feed]:
    return [_feed(row) for row in db.execute(f"SELECT {_COLUMNS} FROM feeds ORDER BY title COLLATE NOCASE, id")]


def polled(db: Database) -> tuple[int, int]:
    """Return how many feeds fail to be polled, and how many have a publisher to ask: folders of own files have none."""
    row = db.execute(f"SELECT count(error), count(*) FROM feeds WHERE url NOT LIKE '{folder_feed.SCHEME}%'").fetchone()
    return row[0], row[1]


def due(db: Database, *, now: float, limit: int = 10_000) -> list[tuple[int, str]]:
    """Return (id, url) of the feeds to poll, the longest overdue first. Folders of own files are feeds without a publisher."""
    rows = db.execute(
        f"SELECT id, url FROM feeds WHERE (next_poll_at <= ? OR next_poll_at > ?) AND url NOT LIKE '{folder_feed.SCHEME}%' "
        "ORDER BY next_poll_at LIMIT ?",
        [now, now + IMPOSSIBLE, limit],
    )
    return [(row["id"], row["url"]) for row in rows]


def episode_counts(db: Database) -> dict[int, int]:
    return {
        row[0]: row[1]
        for row in db.execute(
            "SELECT feed_id, count(*) FROM episodes INDEXED BY episodes_feed WHERE feed_id IS NOT NULL AND deleted_at IS NULL "
            "GROUP BY feed_id"
        )
    }

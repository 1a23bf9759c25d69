"""Episodes for which no work was ever ordered."""

from __future__ import annotations

from core.store.db.sqlite import Database


def newest(db: Database, *, feed_id: int = 0, tag_id: int = 0, limit: int) -> list[int]:
    """Return their ids, the newest first, without the trash. 0 stands for any feed, and for any tag."""
    chosen = "AND feed_id = :feed " if feed_id else ""
    tagged = "AND id IN (SELECT episode_id FROM episode_tags WHERE tag_id = :tag) " if tag_id else ""
    index = "episodes_feed" if feed_id else "episodes_state"
    rows = db.execute(
        f"SELECT id FROM episodes INDEXED BY {index} WHERE deleted_at IS NULL AND state IS NULL {chosen}{tagged}"
        "ORDER BY coalesce(published_at, created_at) DESC, id DESC LIMIT :limit",
        {"feed": feed_id, "tag": tag_id, "limit": limit},
    )
    return [row[0] for row in rows]

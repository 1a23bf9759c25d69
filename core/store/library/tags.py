"""The `tags` and `episode_tags` tables. Tag names are unique, ignoring case."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.domain.episodes.tag import Tag
from core.errors import Conflict, NotFound
from core.store.db.rows import inserted_id
from core.store.db.sqlite import Database


def key(name: str) -> str:
    return name.casefold()


def listing(db: Database) -> list[Tag]:
    """Return all tags by name."""
    # Few episodes are in the trash: to leave them out of the count is faster than to look up each tagged one.
    rows = db.execute(
        "SELECT id, name, (SELECT count(*) FROM episode_tags WHERE tag_id = tags.id AND episode_id NOT IN "
        "(SELECT id FROM episodes INDEXED BY episodes_deleted WHERE deleted_at IS NOT NULL)) AS episodes FROM tags ORDER BY key"
    )
    return [_tag(row) for row in rows]


def get(db: Database, tag_id: int) -> Tag:
    """Return a tag. Raises NotFound."""
    row = db.execute(
        "SELECT id, name, (SELECT count(*) FROM episode_tags JOIN episodes ON episodes.id = episode_id "
        "AND deleted_at IS NULL WHERE tag_id = tags.id) AS episodes FROM tags WHERE id = ?",
        [tag_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no tag {tag_id}.", id=tag_id)
    return _tag(row)


def of_episodes(db: Database, episode_ids: Sequence[int]) -> dict[int, list[Tag]]:
    """Return each episode's tags, sorted by name; without their counts."""
    rows = db.execute(
        "SELECT episode_tags.episode_id, tags.id, tags.name, 0 AS episodes FROM episode_tags "
        f"JOIN tags ON tags.id = episode_tags.tag_id WHERE episode_tags.episode_id IN ({_marks(episode_ids)}) ORDER BY tags.key",
        list(episode_ids),
    )
    found: dict[int, list[Tag]] = {}
    for row in rows:
        found.setdefault(row["episode_id"], []).append(_tag(row))
    return found


def find(db: Database, name: str) -> int | None:
    """Return the id of the tag with this name."""
    found = db.execute("SELECT id FROM tags WHERE key = ?", [key(name)]).fetchone()
    return int(found[0]) if found else None


def named(db: Database, name: str, *, now: float) -> int:
    """Return the id of the tag with this name; create it if there is none."""
    found = find(db, name)
    if found is not None:
        return found
    return inserted_id(db.execute("INSERT INTO tags (name, key, created_at) VALUES (?, ?, ?)", [name, key(name), now]))


def rename(db: Database, tag_id: int, name: str) -> None:
    """Rename a tag. Raises NotFound, and Conflict if another tag has the name."""
    get(db, tag_id)
    other = db.execute("SELECT id FROM tags WHERE key = ? AND id <> ?", [key(name), tag_id]).fetchone()
    if other:
        raise Conflict(f"There is another tag named {name}. Nothing was changed.", id=other[0], case="tag_taken", name=name)
    db.execute("UPDATE tags SET name = ?, key = ? WHERE id = ?", [name, key(name), tag_id])


def remove(db: Database, tag_id: int) -> list[int]:
    """Delete the tag; return the episodes that had it. Raises NotFound."""
    get(db, tag_id)
    carried = [row[0] for row in db.execute("SELECT episode_id FROM episode_tags WHERE tag_id = ?", [tag_id])]
    db.execute("DELETE FROM tags WHERE id = ?", [tag_id])
    return carried


def carrying(db: Database, tag_id: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT episode_id FROM episode_tags WHERE tag_id = ?", [tag_id])]


def put(db: Database, tag_id: int, episode_ids: Sequence[int]) -> list[int]:
    """Tag the episodes that lack the tag, also those in the trash; return them."""
    rows = db.execute(
        "INSERT INTO episode_tags (tag_id, episode_id) SELECT ?, id FROM episodes "
        f"WHERE id IN ({_marks(episode_ids)}) ON CONFLICT DO NOTHING RETURNING episode_id",
        [tag_id, *episode_ids],
    )
    return [row[0] for row in rows.fetchall()]


def take_off(db: Database, tag_id: int, episode_ids: Sequence[int]) -> list[int]:
    """Remove the tag; return the episodes that had it."""
    rows = db.execute(
        f"DELETE FROM episode_tags WHERE tag_id = ? AND episode_id IN ({_marks(episode_ids)}) RETURNING episode_id",
        [tag_id, *episode_ids],
    )
    return [row[0] for row in rows.fetchall()]


def _marks(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))


def _tag(row: sqlite3.Row) -> Tag:
    return Tag(row["id"], row["name"], row["episodes"])

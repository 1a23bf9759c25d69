"""Highlights of the whole library, the newest first; those of episodes in the trash are left out.

HighlightFilter, before ─▶ the table by its ids, downwards from `before` ─▶ ListedHighlight
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from core.domain.transcripts.annotation import Colour, HighlightCounts, HighlightFilter, HighlightGroup, ListedHighlight
from core.store.db.sqlite import Database
from core.store.text.highlights import of_row

# Above every id.
NEWEST = (1 << 63) - 1
_ROWS = (
    "SELECT h.*, e.title AS episode_title, e.feed_id, e.duration, e.media_path IS NOT NULL AS has_audio, f.title AS feed_title "
    "FROM highlights h JOIN episodes e ON e.id = h.episode_id AND e.deleted_at IS NULL LEFT JOIN feeds f ON f.id = e.feed_id"
)
# To walk downwards from an id is no walk over the whole table: the page ends it.
_COUNTED = "FROM highlights h JOIN episodes e ON e.id = h.episode_id AND e.deleted_at IS NULL"


def listing(db: Database, wanted: HighlightFilter, *, before: int = NEWEST, limit: int = 50) -> list[ListedHighlight]:
    """Return up to `limit` highlights with ids below `before`, the newest first."""
    conditions, values = _conditions(wanted)
    rows = db.execute(
        f"{_ROWS} WHERE h.id < :before{conditions} ORDER BY h.id DESC LIMIT :limit", {**values, "before": before, "limit": limit}
    )
    return [_listed(row) for row in rows]


def by_episode(db: Database, wanted: HighlightFilter) -> Iterator[ListedHighlight]:
    """Yield all that are meant, by episode and in the order of its audio."""
    conditions, values = _conditions(wanted)
    rows = db.execute(
        f"{_ROWS} WHERE h.id < :before{conditions} ORDER BY h.episode_id, h.start, h.id", {**values, "before": NEWEST}
    )
    return map(_listed, rows)


def of_ids(db: Database, ids: Sequence[int]) -> list[ListedHighlight]:
    """Return these highlights, in the order of the ids; those that are gone are left out."""
    marks = ", ".join("?" * len(ids))
    found = {row["id"]: _listed(row) for row in db.execute(f"{_ROWS} WHERE h.id IN ({marks})", list(ids))}
    return [found[number] for number in ids if number in found]


def ids(db: Database) -> list[int]:
    """Return the ids of all highlights."""
    return [int(row[0]) for row in db.execute(f"SELECT h.id {_COUNTED} WHERE h.id < ?", [NEWEST])]


def counts(db: Database) -> HighlightCounts:
    colours = {
        Colour(row[0]): int(row[1])
        for row in db.execute(f"SELECT h.colour, count(*) {_COUNTED} WHERE h.id < ? GROUP BY h.colour", [NEWEST])
    }
    feeds = _groups(
        db, f"SELECT f.id, f.title, count(*) AS n {_COUNTED} JOIN feeds f ON f.id = e.feed_id WHERE h.id < ? GROUP BY f.id"
    )
    tags = _groups(
        db,
        f"SELECT t.id, t.name, count(*) AS n {_COUNTED} JOIN episode_tags et ON et.episode_id = e.id "
        "JOIN tags t ON t.id = et.tag_id WHERE h.id < ? GROUP BY t.id",
    )
    return HighlightCounts(sum(colours.values()), colours, feeds, tags)


def _groups(db: Database, statement: str) -> tuple[HighlightGroup, ...]:
    rows = db.execute(f"{statement} ORDER BY n DESC, 2", [NEWEST])
    return tuple(HighlightGroup(int(row[0]), str(row[1]), int(row[2])) for row in rows)


def _conditions(wanted: HighlightFilter) -> tuple[str, dict[str, Any]]:
    found, values = "", dict[str, Any]()
    if wanted.colour is not None:
        found += " AND h.colour = :colour"
        values["colour"] = wanted.colour.value
    if wanted.feed_id is not None:
        found += " AND e.feed_id = :feed_id"
        values["feed_id"] = wanted.feed_id
    if wanted.tag_id is not None:
        found += " AND EXISTS (SELECT 1 FROM episode_tags WHERE tag_id = :tag_id AND episode_id = e.id)"
        values["tag_id"] = wanted.tag_id
    if wanted.text.strip():
        found += " AND (h.quote LIKE :text ESCAPE '\\' OR h.remark LIKE :text ESCAPE '\\')"
        values["text"] = f"%{_literal(wanted.text.strip())}%"
    return found, values


def _literal(text: str) -> str:
    """Escape the signs that LIKE reads as patterns."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _listed(row: sqlite3.Row) -> ListedHighlight:
    return ListedHighlight(
        highlight=of_row(row),
        episode_title=row["episode_title"],
        feed_id=row["feed_id"],
        feed_title=row["feed_title"],
        duration=row["duration"],
        has_audio=bool(row["has_audio"]),
    )

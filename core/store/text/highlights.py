"""The `highlights` table: marked spans of transcripts with their remarks."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from core.domain.transcripts.annotation import Colour, Highlight, Span
from core.errors import NotFound
from core.store.db.rows import assignments, build, inserted_id
from core.store.db.sqlite import Database


def of_row(row: sqlite3.Row) -> Highlight:
    """Return the highlight of a row of the table."""
    span = Span(row["start_segment"], row["start_offset"], row["end_segment"], row["end_offset"])
    return build(Highlight, row, span=span, colour=Colour(row["colour"]), anchored=bool(row["anchored"]))


def span_columns(span: Span) -> dict[str, int]:
    return {
        "start_segment": span.start_segment,
        "start_offset": span.start_offset,
        "end_segment": span.end_segment,
        "end_offset": span.end_offset,
    }


def add(db: Database, episode_id: int, values: Mapping[str, Any], *, now: float) -> int:
    """Insert a highlight from column values: its span, start, end, quote, colour, remark."""
    row = {**values, "episode_id": episode_id, "created_at": now, "updated_at": now}
    cursor = db.execute(f"INSERT INTO highlights ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})", row)
    return inserted_id(cursor)


def get(db: Database, highlight_id: int) -> Highlight:
    """Return a highlight. Raises NotFound."""
    row = db.execute("SELECT * FROM highlights WHERE id = ?", [highlight_id]).fetchone()
    if row is None:
        raise NotFound(f"There is no highlight {highlight_id}.", id=highlight_id)
    return of_row(row)


def of_episode(db: Database, episode_id: int) -> list[Highlight]:
    """Return the highlights in the order of the audio."""
    rows = db.execute("SELECT * FROM highlights WHERE episode_id = ? ORDER BY start, id", [episode_id])
    return [of_row(row) for row in rows]


def change(db: Database, highlight_id: int, values: Mapping[str, Any], *, now: float) -> None:
    row = {**values, "updated_at": now}
    db.execute(f"UPDATE highlights SET {assignments(row)}, version = version + 1 WHERE id = :id", {**row, "id": highlight_id})


def delete(db: Database, highlight_id: int) -> None:
    db.execute("DELETE FROM highlights WHERE id = ?", [highlight_id])

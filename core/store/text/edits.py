"""The `edits` table: the reader's changes to a transcript, each with the values before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.domain.transcripts.annotation import Edit, EditKind
from core.store.db.rows import build, columns, inserted_id
from core.store.db.sqlite import Database

_COLUMNS = columns(Edit, "edits")


def _edit(row: sqlite3.Row) -> Edit:
    return build(
        Edit,
        row,
        kind=EditKind(row["kind"]),
        before=json.loads(row["before"]),
        after=json.loads(row["after"]),
        undone=bool(row["undone"]),
        outdated=bool(row["outdated"]),
    )


def add(
    db: Database,
    episode_id: int,
    kind: EditKind,
    *,
    segment_id: int | None = None,
    start: float | None = None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: float,
) -> int:
    """Add an edit; return its id. Undone edits can then no longer be redone."""
    db.execute("DELETE FROM edits WHERE episode_id = ? AND undone AND NOT outdated", [episode_id])
    cursor = db.execute(
        "INSERT INTO edits (episode_id, kind, segment_id, start, before, after, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [episode_id, kind.value, segment_id, start, _dump(before), _dump(after), now],
    )
    return inserted_id(cursor)


def of_episode(db: Database, episode_id: int, *, limit: int = 500) -> list[Edit]:
    """Return the newest edits first, including undone ones and those of earlier transcripts."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM edits WHERE episode_id = ? ORDER BY id DESC LIMIT ?", [episode_id, limit])
    return [_edit(row) for row in rows]


def to_undo(db: Database, episode_id: int) -> Edit | None:
    return _one(db, "NOT undone AND NOT outdated ORDER BY id DESC", episode_id)


def to_redo(db: Database, episode_id: int) -> Edit | None:
    return _one(db, "undone AND NOT outdated ORDER BY id", episode_id)


def set_undone(db: Database, edit_id: int, undone: bool) -> None:
    db.execute("UPDATE edits SET undone = ? WHERE id = ?", [undone, edit_id])


def outdate(db: Database, episode_id: int) -> None:
    """Handle a replaced transcript: applied edits are kept as a record, undone ones are deleted."""
    db.execute("DELETE FROM edits WHERE episode_id = ? AND undone AND NOT outdated", [episode_id])
    db.execute("UPDATE edits SET outdated = 1 WHERE episode_id = ?", [episode_id])


def _one(db: Database, which: str, episode_id: int) -> Edit | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM edits WHERE episode_id = ? AND {which} LIMIT 1", [episode_id]).fetchone()
    return _edit(row) if row else None


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

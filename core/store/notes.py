"""The `notes` table (every version that was written; the newest counts) and the user's own Markdown in `own_notes`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.domain.note import Notes


@dataclass(frozen=True, slots=True)
class Version:
    """Notes with the row they came from; `created_at` is Unix seconds."""

    id: int
    created_at: float
    notes: Notes


def add(db: Any, episode_id: int, notes: Notes, *, now: float) -> None:
    """Extractive notes stand in until real ones come: a newer set of them replaces the older."""
    if notes.engine == "extractive":
        db.execute("DELETE FROM notes WHERE episode_id = ? AND engine = 'extractive'", [episode_id])
    db.execute(
        "INSERT INTO notes (episode_id, engine, model, language, coverage, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            episode_id,
            notes.engine,
            notes.model,
            notes.language,
            notes.coverage,
            json.dumps(notes.to_dict(), ensure_ascii=False),
            now,
        ],
    )


def newest(db: Any, episode_id: int) -> Version | None:
    row = db.execute(
        "SELECT id, created_at, content FROM notes WHERE episode_id = ? ORDER BY id DESC LIMIT 1", [episode_id]
    ).fetchone()
    return Version(row["id"], row["created_at"], Notes.from_dict(json.loads(row["content"]))) if row else None


def forget(db: Any, episode_id: int) -> None:
    """The transcript was replaced: notes about the old one quote what is no longer there."""
    db.execute("DELETE FROM notes WHERE episode_id = ?", [episode_id])


def own(db: Any, episode_id: int) -> str:
    row = db.execute("SELECT markdown FROM own_notes WHERE episode_id = ?", [episode_id]).fetchone()
    return row[0] if row else ""


def set_own(db: Any, episode_id: int, markdown: str, *, now: float) -> None:
    db.execute(
        "INSERT INTO own_notes (episode_id, markdown, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (episode_id) DO UPDATE SET markdown = excluded.markdown, updated_at = excluded.updated_at",
        [episode_id, markdown, now],
    )

"""The `notes` table (all versions) and the user's own Markdown in `own_notes`.

The current version is the chosen one (`episodes.notes_id`), or else the newest. Notes of a replaced transcript are `outdated`:
kept to read, never current.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.domain.notes.note import Notes, Version
from core.errors import Conflict, NotFound
from core.store.db.sqlite import Database


def add(db: Database, episode_id: int, notes: Notes, *, now: float, stays: Version | None = None) -> None:
    """Add notes as the current version, unless another version `stays` current: then they are only kept.

    Extractive notes are placeholders: any newer notes replace them.
    """
    if notes.engine == "extractive":
        db.execute("DELETE FROM notes WHERE episode_id = ? AND engine = 'extractive'", [episode_id])
    db.execute("UPDATE episodes SET notes_id = NULL WHERE id = ?", [episode_id])
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
    if stays is not None:
        db.execute("UPDATE episodes SET notes_id = ? WHERE id = ?", [stays.id, episode_id])


def current(db: Database, episode_id: int) -> Version | None:
    """Return the current version."""
    row = db.execute(
        "SELECT id, created_at, content, outdated FROM notes WHERE id = coalesce((SELECT notes_id FROM episodes WHERE id = :id), "
        "(SELECT max(id) FROM notes WHERE episode_id = :id AND NOT outdated))",
        {"id": episode_id},
    ).fetchone()
    return _version(row) if row else None


def first_wanted(db: Database, episode_id: int) -> tuple[float | None, float] | None:
    """Return when an episode with its first notes was published (None: unknown) and queued; None for one without, or with more."""
    row = db.execute(
        "SELECT published_at, (SELECT min(created_at) FROM jobs WHERE episode_id = :id) FROM episodes WHERE id = :id "
        "AND (SELECT count(*) FROM notes WHERE episode_id = :id) = 1",
        {"id": episode_id},
    ).fetchone()
    return None if row is None or row[1] is None else (row[0], row[1])


def gists(db: Database, episode_ids: Sequence[int], *, length: int) -> dict[int, str]:
    """Return the gist of the current notes of episodes, cut to `length` characters; those without notes are left out."""
    if not episode_ids:
        return {}  # SQLite walks the whole table for an empty IN ()
    found = db.execute(
        "SELECT episodes.id, substr(json_extract(notes.content, '$.tldr'), 1, ?) FROM episodes "
        "JOIN notes ON notes.id = coalesce(episodes.notes_id, "
        "(SELECT max(id) FROM notes WHERE notes.episode_id = episodes.id AND NOT outdated)) "
        f"WHERE episodes.id IN ({', '.join('?' * len(episode_ids))}) AND json_valid(notes.content)",
        [length, *episode_ids],
    )
    return {row[0]: row[1] for row in found if row[1]}


def versions(db: Database, episode_id: int) -> list[Version]:
    """Return all versions, newest first."""
    rows = db.execute("SELECT id, created_at, content, outdated FROM notes WHERE episode_id = ? ORDER BY id DESC", [episode_id])
    return [_version(row) for row in rows]


def version(db: Database, episode_id: int, version_id: int) -> Version:
    """Return a version. Raises NotFound."""
    row = db.execute(
        "SELECT id, created_at, content, outdated FROM notes WHERE episode_id = ? AND id = ?", [episode_id, version_id]
    ).fetchone()
    if row is None:
        raise NotFound(f"Episode {episode_id} has no notes of the number {version_id}.", id=version_id)
    return _version(row)


def choose(db: Database, episode_id: int, version_id: int) -> None:
    """Make an earlier version current until new notes are written. Raises NotFound, Conflict."""
    if version(db, episode_id, version_id).outdated:
        raise Conflict(
            "These notes quote a transcript that has been replaced. They can be read, but not be made current.",
            case="notes_outdated",
        )
    db.execute("UPDATE episodes SET notes_id = ? WHERE id = ?", [version_id, episode_id])


def outdate(db: Database, episode_id: int) -> None:
    """Handle a replaced transcript: mark its notes as outdated, because their quotes no longer match; delete extractive ones."""
    db.execute("DELETE FROM notes WHERE episode_id = ? AND engine = 'extractive'", [episode_id])
    db.execute("UPDATE notes SET outdated = 1 WHERE episode_id = ?", [episode_id])
    db.execute("UPDATE episodes SET notes_id = NULL WHERE id = ?", [episode_id])


def read_less(db: Database, episode_id: int, share: float, moved: Mapping[int, int]) -> None:
    """Lower the notes' coverage after the transcript has grown: `share` is the fraction of its words that the notes have read.

    Their quotes still stand; `moved` maps old segment ids to new ones.
    """
    rows = db.execute("SELECT id, created_at, content, outdated FROM notes WHERE episode_id = ? AND NOT outdated", [episode_id])
    for found in [_version(row) for row in rows.fetchall()]:
        points = tuple(
            replace(p, segment_id=None if p.segment_id is None else moved.get(p.segment_id)) for p in found.notes.points
        )
        changed = replace(found.notes, points=points, coverage=found.notes.coverage * share)
        content = json.dumps(changed.to_dict(), ensure_ascii=False)
        db.execute("UPDATE notes SET coverage = ?, content = ? WHERE id = ?", [changed.coverage, content, found.id])


def _version(row: sqlite3.Row) -> Version:
    return Version(row["id"], row["created_at"], Notes.from_dict(json.loads(row["content"])), bool(row["outdated"]))


def own(db: Database, episode_id: int) -> str:
    return own_version(db, episode_id)[0]


def own_version(db: Database, episode_id: int) -> tuple[str, int]:
    """Return the user's Markdown and its version, which increases with every change; ("", 0) if there is none."""
    row = db.execute("SELECT markdown, version FROM own_notes WHERE episode_id = ?", [episode_id]).fetchone()
    return (row[0], row[1]) if row else ("", 0)


def set_own(db: Database, episode_id: int, markdown: str, *, now: float) -> None:
    db.execute(
        "INSERT INTO own_notes (episode_id, markdown, updated_at) VALUES (?, ?, ?) ON CONFLICT (episode_id) DO UPDATE "
        "SET markdown = excluded.markdown, updated_at = excluded.updated_at, version = version + 1",
        [episode_id, markdown, now],
    )

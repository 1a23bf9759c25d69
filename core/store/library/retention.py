"""The tables of retention: `keep_rules` (a feed's own choice), the rows that the rules decide on, `prunings` (past deletions).

A file's name stays in `prunings.file` until the file is deleted, so that the deletion is retried after a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.retention import Audio, Episodes, RetentionChoice, RetentionReason, RetentionRecord, RetentionRow
from core.store.db.rows import build
from core.store.db.sqlite import Database
from core.store.library import episodes

MOST_RECORDS = 5_000


# --- rules of feeds -------------------------------------------------------------------------------


def choice(db: Database, feed_id: int) -> RetentionChoice:
    """Return the feed's own choice; all its fields are None if the feed has none."""
    return choices(db, [feed_id]).get(feed_id, RetentionChoice())


def choices(db: Database, feed_ids: Sequence[int] | None = None) -> dict[int, RetentionChoice]:
    """Return the choices by feed, of these feeds or of all; feeds without their own are left out."""
    which = "" if feed_ids is None else f" WHERE feed_id IN ({_marks(feed_ids)})"
    rows = db.execute(f"SELECT * FROM keep_rules{which}", list(feed_ids or ()))
    return {
        row["feed_id"]: build(
            RetentionChoice,
            row,
            audio=Audio(row["audio"]) if row["audio"] else None,
            episodes=Episodes(row["episodes"]) if row["episodes"] else None,
        )
        for row in rows
    }


def publisher_transcript(db: Database, feed_id: int | None) -> str | None:
    """Return the feed's choice: prefer, never, or None for that of the settings."""
    row = db.execute("SELECT publisher_transcript FROM keep_rules WHERE feed_id = ?", [feed_id]).fetchone()
    return row["publisher_transcript"] if row else None


def choose(db: Database, feed_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a feed's rule."""
    db.execute("INSERT INTO keep_rules (feed_id) VALUES (?) ON CONFLICT DO NOTHING", [feed_id])
    for name, value in values.items():
        db.execute(f"UPDATE keep_rules SET {name} = ? WHERE feed_id = ?", [value, feed_id])


# --- rows for the rules ---------------------------------------------------------------------------

_NOTED = (
    "EXISTS (SELECT 1 FROM own_notes WHERE own_notes.episode_id = episodes.id AND markdown <> '') "
    "OR EXISTS (SELECT 1 FROM highlights WHERE highlights.episode_id = episodes.id) "
    "OR EXISTS (SELECT 1 FROM edits WHERE edits.episode_id = episodes.id AND NOT undone) "
    "OR EXISTS (SELECT 1 FROM episode_tags WHERE episode_tags.episode_id = episodes.id)"
)
# A star of any user counts; an episode is read when all users have read it.
_ROW = f"""
    SELECT id, source, coalesce(published_at, created_at) AS published, feed_id, media_path, coalesce(bytes, 0) AS bytes,
        enclosure_url IS NOT NULL AS fetchable, count(starred_at) > 0 AS starred, {_NOTED} AS noted,
        EXISTS (SELECT 1 FROM jobs WHERE jobs.episode_id = episodes.id AND jobs.state IN ('queued', 'running', 'waiting')) AS busy,
        EXISTS (SELECT 1 FROM jobs WHERE jobs.episode_id = episodes.id AND jobs.priority >= 10) AS asked,
        CASE WHEN count(read_at) = (SELECT count(*) FROM users) THEN max(read_at) END AS read_at,
        coalesce(max(position), 0) AS position, max(played_at) AS played_at, wanted_at, deleted_at,
        (SELECT created_at FROM transcripts WHERE transcripts.episode_id = episodes.id) AS text_at
    FROM episodes LEFT JOIN reading_states ON reading_states.episode_id = episodes.id"""


def rows(db: Database) -> list[RetentionRow]:
    """Return all episodes that have audio or belong to a feed, with those in the trash."""
    return [_row(row) for row in db.execute(f"{_ROW} WHERE feed_id IS NOT NULL OR media_path IS NOT NULL GROUP BY episodes.id")]


def rows_of(db: Database, episode_ids: Sequence[int]) -> list[RetentionRow]:
    return [
        _row(row) for row in db.execute(f"{_ROW} WHERE id IN ({_marks(episode_ids)}) GROUP BY episodes.id", list(episode_ids))
    ]


def _row(row: sqlite3.Row) -> RetentionRow:
    return build(
        RetentionRow,
        row,
        source=Source(row["source"]),
        has_text=row["text_at"] is not None,
        **{name: bool(row[name]) for name in ("fetchable", "starred", "noted", "busy", "asked")},
    )


# --- letting go -----------------------------------------------------------------------------------


def let_audio_go(db: Database, episode: Episode, why: RetentionReason, *, now: float) -> None:
    """Record in the row that its audio was deleted, when and why; the file is `pending` until it is deleted."""
    episodes.change(db, episode.id, {"media_path": None, "audio_dropped_at": now, "audio_dropped_why": why.value}, now=now)
    shared = bool(episodes.with_media(db, episode.media_path or ""))
    size, file = (0, None) if shared else (episode.bytes or 0, episode.media_path)
    _record(db, episode, why, what="audio", size=size, file=file, now=now)


def record_episode(db: Database, episode: Episode, why: RetentionReason, *, now: float) -> None:
    size = (episode.bytes or 0) if episode.media_path else 0
    _record(db, episode, why, what="episode", size=size, file=None, now=now)


def _record(db: Database, episode: Episode, why: RetentionReason, *, what: str, size: int, file: str | None, now: float) -> None:
    db.execute(
        "INSERT INTO prunings (at, episode_id, feed_id, title, what, why, bytes, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [now, episode.id, episode.feed_id, episode.title, what, why.value, size, file],
    )


def pending(db: Database, *, limit: int = 1000) -> list[tuple[int, int, str]]:
    """Return (record id, episode id, file) of files to delete."""
    found = db.execute(
        "SELECT id, episode_id, file FROM prunings INDEXED BY prunings_file WHERE file IS NOT NULL ORDER BY id LIMIT ?", [limit]
    )
    return [(row["id"], row["episode_id"], row["file"]) for row in found]


def settle(db: Database, record_ids: Iterable[int]) -> None:
    """Clear the file of records, after it was deleted or turned out to be needed again."""
    ids = list(record_ids)
    db.execute(f"UPDATE prunings SET file = NULL WHERE id IN ({_marks(ids)})", ids)


# --- the record -----------------------------------------------------------------------------------


def records(db: Database, *, limit: int) -> list[RetentionRecord]:
    """Return the latest records, the newest first."""
    found = db.execute("SELECT * FROM prunings ORDER BY id DESC LIMIT ?", [limit])
    return [build(RetentionRecord, row, why=RetentionReason(row["why"])) for row in found]


def forget_old(db: Database) -> None:
    """Delete all but the newest MOST_RECORDS records; those with a pending file stay."""
    db.execute(
        "DELETE FROM prunings WHERE file IS NULL AND id <= (SELECT max(id) FROM prunings) - ?",
        [MOST_RECORDS],
    )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))

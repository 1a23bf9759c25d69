"""The `transcripts` and `segments` tables: at most one transcript an episode, replaced as a whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from core.domain.transcript import Segment, SpeechEngine, Transcript, Word


def save(db: Any, episode_id: int, transcript: Transcript, *, now: float) -> None:
    db.execute("DELETE FROM transcripts WHERE episode_id = ?", [episode_id])
    db.execute(
        "INSERT INTO transcripts (episode_id, language, duration, speech_seconds, wall_seconds, engine, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            episode_id,
            transcript.language,
            transcript.duration,
            transcript.speech_seconds,
            transcript.wall_seconds,
            json.dumps(transcript.engine.to_dict()),
            now,
        ],
    )
    db.conn.executemany(
        "INSERT INTO segments (episode_id, id, start, end, text, speaker, words) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((episode_id, s.id, s.start, s.end, s.text, s.speaker, _dump_words(s)) for s in transcript.segments),
    )


def find(db: Any, episode_id: int, *, words: bool = True) -> Transcript | None:
    row = db.execute("SELECT * FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    if row is None:
        return None
    return Transcript(
        language=row["language"],
        duration=row["duration"],
        segments=tuple(segments(db, episode_id, words=words)),
        engine=SpeechEngine(**json.loads(row["engine"])),
        speech_seconds=row["speech_seconds"],
        wall_seconds=row["wall_seconds"],
    )


def segments(db: Any, episode_id: int, *, words: bool = True) -> Iterator[Segment]:
    what = "words" if words else "NULL AS words"
    rows = db.execute(
        f"SELECT id, start, end, text, speaker, {what} FROM segments WHERE episode_id = ? ORDER BY id", [episode_id]
    )
    return map(_segment, rows)


def version(db: Any, episode_id: int) -> float | None:
    """When the transcript was last written (Unix seconds): changes whenever its content does."""
    row = db.execute("SELECT created_at FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    return row[0] if row else None


def hours_transcribed(db: Any) -> float:
    return float(db.execute("SELECT coalesce(sum(duration), 0) / 3600.0 FROM transcripts").fetchone()[0])


def speeds(db: Any, *, limit: int = 30) -> list[sqlite3.Row]:
    """The newest transcripts' `created_at`, `duration`, `wall_seconds`, newest first."""
    return list(
        db.execute(
            "SELECT episode_id, created_at, duration, wall_seconds, engine FROM transcripts ORDER BY created_at DESC LIMIT ?",
            [limit],
        )
    )


def _dump_words(segment: Segment) -> str | None:
    if not segment.words:
        return None
    return json.dumps([[w.start, w.end, w.text, w.probability] for w in segment.words], ensure_ascii=False, separators=(",", ":"))


def _segment(row: sqlite3.Row) -> Segment:
    words = tuple(Word(*w) for w in json.loads(row["words"])) if row["words"] else ()
    return Segment(row["id"], row["start"], row["end"], row["text"], row["speaker"], words)

"""The `transcriptions` table: each run of speech recognition on an episode, and its cost.

A transcript is replaced when the episode is transcribed again, and deleted with its episode; the cost stays, for the statistics
of the status page. Queries about it belong here.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.episodes.statistics import Period, TranscriptionRun
from core.domain.transcripts.transcript import Transcript
from core.store.db.rows import build
from core.store.db.sqlite import Database


def add(db: Database, episode_id: int, transcript: Transcript, *, now: float) -> None:
    engine = transcript.engine
    db.execute(
        "INSERT INTO transcriptions (episode_id, finished_at, duration, wall_seconds, model, device, compute_type) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [episode_id, now, transcript.duration, transcript.wall_seconds, engine.model, engine.device, engine.compute_type],
    )


def newest(db: Database, *, limit: int) -> list[TranscriptionRun]:
    """Return the newest runs first. `title` is None if the episode is deleted or in the trash."""
    rows = db.execute(
        "SELECT finished_at, transcriptions.duration, wall_seconds, transcriptions.model, device, compute_type, "
        "episodes.id AS episode_id, episodes.title FROM transcriptions "
        "LEFT JOIN episodes ON episodes.id = transcriptions.episode_id AND episodes.deleted_at IS NULL "
        "ORDER BY finished_at DESC, transcriptions.id DESC LIMIT ?",
        [limit],
    )
    return [build(TranscriptionRun, row) for row in rows]


def of_episode(db: Database, episode_id: int) -> TranscriptionRun | None:
    """Return the newest run of an episode, without its title."""
    row = db.execute(
        "SELECT finished_at, duration, wall_seconds, model, device, compute_type, episode_id, NULL AS title FROM transcriptions "
        "WHERE episode_id = ? ORDER BY finished_at DESC, id DESC LIMIT 1",
        [episode_id],
    ).fetchone()
    return build(TranscriptionRun, row) if row else None


def seconds_in(db: Database, periods: Sequence[Period]) -> list[float]:
    """Return the seconds of audio whose transcription ended within each period."""
    query = "SELECT coalesce(sum(duration), 0) FROM transcriptions WHERE finished_at >= ? AND finished_at < ?"
    return [float(db.execute(query, [period.start, period.end]).fetchone()[0]) for period in periods]


def seconds(db: Database) -> float:
    """Return the total seconds of audio ever transcribed."""
    return float(db.execute("SELECT coalesce(sum(duration), 0) FROM transcriptions").fetchone()[0])

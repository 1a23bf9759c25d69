"""The `transcriptions` table: each time speech recognition went through an episode, and what it cost.

A transcript is replaced when the episode is transcribed again, and goes with its episode; what the work took stays, for the
figures of the status page. A query about that work goes here.
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
    """The newest first. `title` is None where the episode is gone, or in the trash."""
    rows = db.execute(
        "SELECT finished_at, transcriptions.duration, wall_seconds, transcriptions.model, device, compute_type, "
        "episodes.id AS episode_id, episodes.title FROM transcriptions "
        "LEFT JOIN episodes ON episodes.id = transcriptions.episode_id AND episodes.deleted_at IS NULL "
        "ORDER BY finished_at DESC, transcriptions.id DESC LIMIT ?",
        [limit],
    )
    return [build(TranscriptionRun, row) for row in rows]


def seconds_in(db: Database, periods: Sequence[Period]) -> list[float]:
    """Seconds of audio whose transcription ended within each period."""
    query = "SELECT coalesce(sum(duration), 0) FROM transcriptions WHERE finished_at >= ? AND finished_at < ?"
    return [float(db.execute(query, [period.start, period.end]).fetchone()[0]) for period in periods]


def seconds(db: Database) -> float:
    """Seconds of audio that were ever transcribed."""
    return float(db.execute("SELECT coalesce(sum(duration), 0) FROM transcriptions").fetchone()[0])

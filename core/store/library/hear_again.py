"""The `hear_again` table: spans of speech without words that a user wants heard again, until that is done.

They belong to the transcribe job of their episode: while there are any, it hears only them, and leaves the rest unchanged. They
are deleted with its result, by a request for a whole transcription, and when it is cancelled (by a trigger, so that every way to
cancel is covered).
"""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.transcripts.hearing_again import HearAgain
from core.store.db.sqlite import Database


def add(db: Database, episode_id: int, wishes: Iterable[HearAgain], *, now: float) -> None:
    """Add spans; the newer wish decides the model for a span that exists."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO hear_again (episode_id, start, end, model, asked_at) VALUES (?, ?, ?, ?, ?)",
        ((episode_id, w.start, w.end, w.model, now) for w in wishes),
    )


def of_episode(db: Database, episode_id: int) -> tuple[HearAgain, ...]:
    """Return the spans in the order of the audio."""
    rows = db.execute("SELECT start, end, model FROM hear_again WHERE episode_id = ? ORDER BY start, end", [episode_id])
    return tuple(HearAgain(row["start"], row["end"], row["model"]) for row in rows)


def pending(db: Database, episode_id: int) -> bool:
    return db.execute("SELECT 1 FROM hear_again WHERE episode_id = ? LIMIT 1", [episode_id]).fetchone() is not None


def forget(db: Database, episode_id: int) -> None:
    db.execute("DELETE FROM hear_again WHERE episode_id = ?", [episode_id])

"""What came with feeds, files and pages of every kind, and what the work on them took."""

from __future__ import annotations

from core.store.migrations.steps import migrations, run
from core.store.sqlite import Database


@migrations(name="0005_transcriptions")
def transcriptions(db: Database) -> None:
    """What each transcription took, also when its transcript is gone; begun with those that are there."""
    run(
        db,
        """
        CREATE TABLE transcriptions (
            id INTEGER PRIMARY KEY,
            episode_id INTEGER REFERENCES episodes(id) ON DELETE SET NULL,
            finished_at REAL NOT NULL,
            duration REAL NOT NULL CHECK (duration > 0),
            wall_seconds REAL NOT NULL,
            model TEXT NOT NULL,
            device TEXT NOT NULL,
            compute_type TEXT NOT NULL
        )""",
        "CREATE INDEX transcriptions_finished ON transcriptions(finished_at, duration)",
        "CREATE INDEX transcriptions_episode ON transcriptions(episode_id)",
        "INSERT INTO transcriptions (episode_id, finished_at, duration, wall_seconds, model, device, compute_type) "
        "SELECT episode_id, created_at, duration, wall_seconds, coalesce(json_extract(engine, '$.model'), ''), "
        "coalesce(json_extract(engine, '$.device'), 'cpu'), coalesce(json_extract(engine, '$.compute_type'), '') "
        "FROM transcripts WHERE duration > 0 AND wall_seconds > 0 ORDER BY created_at, episode_id",
    )

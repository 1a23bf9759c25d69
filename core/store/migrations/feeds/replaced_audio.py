"""Episodes that the publisher removed from the feed, or whose audio was replaced."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0019_replaced_audio")
def replaced_audio(db: Database) -> None:
    """Whether the feed still lists an episode; whether the publisher replaced its audio, and the new audio is to be fetched."""
    run(
        db,
        "ALTER TABLE episodes ADD COLUMN listed INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE episodes ADD COLUMN audio_replaced_at REAL",
        "ALTER TABLE episodes ADD COLUMN fetch_anew_at REAL",
    )

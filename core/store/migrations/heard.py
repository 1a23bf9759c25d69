"""The audio from which a transcript was made."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0024_heard")
def heard(db: Database) -> None:
    """The hash of the transcribed audio: audio that is fetched again may differ."""
    run(
        db,
        "ALTER TABLE episodes ADD COLUMN heard_sha256 TEXT",
        "UPDATE episodes SET heard_sha256 = sha256 WHERE id IN (SELECT episode_id FROM transcripts)",
    )

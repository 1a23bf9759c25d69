"""Whose runs the server did not survive: none of them may keep it from starting for good."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0016_crashes")
def crashes(db: Database) -> None:
    """How often the server ended while a job ran, since it last got further. Lanes ask for the few that are suspected each second."""
    run(
        db,
        "ALTER TABLE jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX jobs_crashes ON jobs(crashes) WHERE crashes >= 2",
    )

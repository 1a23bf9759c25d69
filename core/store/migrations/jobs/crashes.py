"""Jobs that crashed the server: none of them may keep it from starting for ever."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0016_crashes")
def crashes(db: Database) -> None:
    """The number of server ends while a job ran, since its last progress. Each second, lanes query the few suspects."""
    run(
        db,
        "ALTER TABLE jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX jobs_crashes ON jobs(crashes) WHERE crashes >= 2",
    )

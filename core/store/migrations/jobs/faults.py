"""Which ends of the server were its own: only those speak against the job that ran."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0021_faults")
def faults(db: Database) -> None:
    """How many of a job's crashes were faults; what was counted before told nothing of that."""
    run(db, "ALTER TABLE jobs ADD COLUMN faults INTEGER NOT NULL DEFAULT 0")

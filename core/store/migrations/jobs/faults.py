"""Ends of the server that were faults of its own: only those count against the running job."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0021_faults")
def faults(db: Database) -> None:
    """The number of a job's crashes that were faults; earlier counts did not distinguish them."""
    run(db, "ALTER TABLE jobs ADD COLUMN faults INTEGER NOT NULL DEFAULT 0")

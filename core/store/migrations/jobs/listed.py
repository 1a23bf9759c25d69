"""An index for lists of jobs."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0018_jobs_listed")
def jobs_listed(db: Database) -> None:
    """Lists show a few jobs of each state; without this index, all jobs of the library were sorted for them."""
    run(db, "CREATE INDEX jobs_listed ON jobs(state, finished_at DESC, priority DESC, rank, id)")

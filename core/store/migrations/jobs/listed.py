"""Jobs in the order in which lists show them."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0018_jobs_listed")
def jobs_listed(db: Database) -> None:
    """A list shows a few of each state; without this the jobs of the whole library were sorted for it."""
    run(db, "CREATE INDEX jobs_listed ON jobs(state, finished_at DESC, priority DESC, rank, id)")

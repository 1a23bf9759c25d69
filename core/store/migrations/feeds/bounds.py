"""Feeds with more pages than are read."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0025_pages_enough")
def pages_enough(db: Database) -> None:
    """Polls took the first page for the whole feed: episodes of later pages count as listed until a poll shows otherwise."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN pages_enough INTEGER NOT NULL DEFAULT 0",
        "UPDATE episodes SET listed = 1 WHERE listed = 0 AND feed_id IN (SELECT id FROM feeds WHERE pages > 1)",
    )

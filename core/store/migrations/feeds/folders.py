"""Folders that somebody sorts feeds into."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0020_feed_folders")
def feed_folders(db: Database) -> None:
    """Where a feed is sorted in, and where the file had it that an import reads; "" for nowhere."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE import_lines ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
    )

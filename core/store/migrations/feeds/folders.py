"""Folders into which users sort feeds."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0020_feed_folders")
def feed_folders(db: Database) -> None:
    """The folder of a feed, and the folder in an imported file; "" for none."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE import_lines ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
    )

"""How far the walk through a feed's older pages came, and which reader read its document last."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0022_pages")
def pages(db: Database) -> None:
    """`next_page` is the page that could not be read, `page_tries` how often it was asked for, `pages` how many were read before."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN pages INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE feeds ADD COLUMN next_page TEXT",
        "ALTER TABLE feeds ADD COLUMN page_tries INTEGER NOT NULL DEFAULT 0",
    )


@migrations(name="0023_reader")
def reader(db: Database) -> None:
    """Which version read a feed last: 0 for all that were read before versions were noted."""
    run(db, "ALTER TABLE feeds ADD COLUMN reader INTEGER NOT NULL DEFAULT 0")

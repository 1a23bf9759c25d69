"""The progress of reading a feed's older pages, and the version of the reader that last read its document."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0022_pages")
def pages(db: Database) -> None:
    """`next_page` is the page that could not be read, `page_tries` counts its requests, `pages` the pages read before."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN pages INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE feeds ADD COLUMN next_page TEXT",
        "ALTER TABLE feeds ADD COLUMN page_tries INTEGER NOT NULL DEFAULT 0",
    )


@migrations(name="0023_reader")
def reader(db: Database) -> None:
    """The reader version that last read a feed: 0 for feeds read before versions were stored."""
    run(db, "ALTER TABLE feeds ADD COLUMN reader INTEGER NOT NULL DEFAULT 0")

"""The relation of feeds and episodes to their publishers."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0017_standing")
def standing(db: Database) -> None:
    """The document's statements about its feed, and the feed's former address.

    All feeds are read again for them, each in turn.
    """
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN items INTEGER",
        "ALTER TABLE feeds ADD COLUMN with_audio INTEGER",
        "ALTER TABLE feeds ADD COLUMN cut_off INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE feeds ADD COLUMN complete INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE feeds ADD COLUMN longest_gap REAL",
        "ALTER TABLE feeds ADD COLUMN former_url TEXT",
        "UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL",
    )

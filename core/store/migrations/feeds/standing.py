"""How feeds and their episodes stand with their publishers."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0017_standing")
def standing(db: Database) -> None:
    """What a feed's document says of itself, for which all are read anew, each in its turn; where it was read before."""
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

"""Indexes for polls: without one, each of them would scan the library."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0015_polling")
def polling(db: Database) -> None:
    """Indexes of a feed's episodes including the trash, which `episodes_feed` omits; of episodes without a feed; of due feeds."""
    run(
        db,
        "CREATE INDEX episodes_of_feed ON episodes(feed_id)",
        "CREATE INDEX episodes_left_behind ON episodes(source) WHERE source = 'feed' AND feed_id IS NULL",
        "CREATE INDEX feeds_due ON feeds(next_poll_at)",
    )

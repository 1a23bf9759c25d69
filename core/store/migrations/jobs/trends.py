"""The history of the status page."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0032_trends")
def trends(db: Database) -> None:
    """`step` is 60, 3600 or 86400 seconds, `at` its beginning; at most 3,000 rows a series."""
    run(
        db,
        """
        CREATE TABLE trends (
            series TEXT NOT NULL,
            step INTEGER NOT NULL,
            at INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (step, at, series)
        ) WITHOUT ROWID""",
    )

"""Incidents as rows."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0033_incidents")
def incidents(db: Database) -> None:
    """`body` is JSON: causes, effects, deeds (core.domain.incident). `log` is a JSON list of lines."""
    run(
        db,
        """
        CREATE TABLE incidents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            opened_at REAL NOT NULL,
            closed_at REAL,
            body TEXT NOT NULL,
            log TEXT NOT NULL DEFAULT '[]'
        )""",
    )

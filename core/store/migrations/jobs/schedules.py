"""Schedules, and the history of their runs."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0036_schedules")
def schedules(db: Database) -> None:
    """`parameters`, `error`, `did` and `lines` are JSON; the database does not know the kinds."""
    run(
        db,
        """
        CREATE TABLE schedules (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            name TEXT NOT NULL DEFAULT '',
            builtin TEXT NOT NULL DEFAULT '',
            cron TEXT NOT NULL DEFAULT '',
            zone TEXT NOT NULL DEFAULT '',
            paused INTEGER NOT NULL DEFAULT 0,
            priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high')),
            missed TEXT NOT NULL DEFAULT 'once' CHECK (missed IN ('once', 'skip')),
            retries INTEGER NOT NULL DEFAULT 0,
            retry_seconds REAL NOT NULL DEFAULT 60,
            parameters TEXT NOT NULL DEFAULT '{}',
            next_at REAL,
            last_at REAL,
            retry_at REAL,
            tries INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            deleted_at REAL
        )""",
        "CREATE UNIQUE INDEX schedules_builtin ON schedules(builtin) WHERE builtin <> ''",
        """
        CREATE TABLE schedule_runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            schedule_id INTEGER NOT NULL REFERENCES schedules(id) ON DELETE CASCADE,
            cause TEXT NOT NULL CHECK (cause IN ('time', 'made_up', 'retry', 'hand')),
            outcome TEXT NOT NULL
                CHECK (outcome IN ('running', 'done', 'failed', 'skipped', 'cancelled', 'interrupted')),
            due_at REAL NOT NULL,
            started_at REAL NOT NULL,
            ended_at REAL,
            tries INTEGER NOT NULL DEFAULT 0,
            task_id INTEGER,
            error TEXT,
            did TEXT NOT NULL DEFAULT '{}',
            lines TEXT NOT NULL DEFAULT '[]'
        )""",
        "CREATE INDEX schedule_runs_of ON schedule_runs(schedule_id, id)",
        "CREATE INDEX schedule_runs_running ON schedule_runs(schedule_id) WHERE outcome = 'running'",
    )

"""Jobs without a fixed list of steps: the steps and their order are a graph outside the database."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run

_COLUMNS = (
    "id, episode_id, stage, state, priority, tries, token, not_before, lease_until, progress, detail, error, cancel_requested, "
    "created_at, started_at, finished_at, trashed, crashes, faults"
)


@migrations(name="0026_job_steps")
def job_steps(db: Database) -> None:
    """Remove the list of stages and their rank from `jobs`. SQLite cannot change a CHECK, so the table is recreated.

    Its triggers are dropped with the old table and recreated word for word. Job ids continue from the last one.
    """
    triggers = [
        row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'jobs' ORDER BY name")
    ]
    run(
        db,
        "ALTER TABLE jobs RENAME TO jobs_before",
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            stage TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')),
            priority INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0,
            token INTEGER NOT NULL DEFAULT 0,
            not_before REAL NOT NULL DEFAULT 0,
            lease_until REAL NOT NULL DEFAULT 0,
            progress REAL NOT NULL DEFAULT 0,
            detail TEXT NOT NULL DEFAULT '{}',
            error TEXT,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            started_at REAL,
            finished_at REAL,
            trashed INTEGER NOT NULL DEFAULT 0,
            crashes INTEGER NOT NULL DEFAULT 0,
            faults INTEGER NOT NULL DEFAULT 0,
            UNIQUE (episode_id, stage)
        )""",
        f"INSERT INTO jobs ({_COLUMNS}) SELECT {_COLUMNS} FROM jobs_before ORDER BY id",
        "DELETE FROM sqlite_sequence WHERE name = 'jobs'",
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', seq FROM sqlite_sequence WHERE name = 'jobs_before'",
        "DROP TABLE jobs_before",
        "CREATE INDEX jobs_queue ON jobs(stage, state, priority DESC, id)",
        "CREATE INDEX jobs_state ON jobs(state)",
        "CREATE INDEX jobs_crashes ON jobs(crashes) WHERE crashes >= 2",
        "CREATE INDEX jobs_listed ON jobs(state, stage, finished_at DESC, priority DESC, id)",
        *triggers,
    )

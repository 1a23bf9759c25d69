"""Facts about a database file for the doctor, without contents: version, schema, counts, the newest time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.store.db import damage, db_copies
from core.store.db.sqlite import Database, open_reader
from core.store.migrations import migrations

LOCK_SECONDS = 2.0
# Columns that say when something happened here; not what publishers claim.
TIMES = (("episodes", "created_at"), ("jobs", "created_at"), ("tasks", "created_at"))


def version() -> str:
    """Return the version of SQLite."""
    return sqlite3.sqlite_version


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """Open the file read-only, beside a server or without one. Raises DatabaseDamaged, sqlite3.OperationalError."""
    with damage.said(path):
        db = open_reader(path, LOCK_SECONDS)
        try:
            yield db
        finally:
            db.close()


def newest(path: Path) -> float | None:
    """Return the time of the newest row; None in an empty library."""
    with reading(path) as db:
        known = _tables(db)
        found = [db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] for table, column in TIMES if table in known]
    return max((time for time in found if time is not None), default=None)


def last_change(path: Path, now: float) -> float | None:
    """Return the newest time in any column of times, of those that are not in the future; None if there is none."""
    with reading(path) as db:
        places = [(table, column["name"]) for table in _tables(db) for column in _columns(db, table) if _is_time(column)]
        found = [
            db.execute(f"SELECT max({column}) FROM {table} WHERE {column} <= ?", [now]).fetchone()[0] for table, column in places
        ]
    return max((float(time) for time in found if time is not None), default=None)


def _columns(db: Database, table: str) -> list[sqlite3.Row]:
    return db.execute("SELECT name, type FROM pragma_table_info(?)", [table]).fetchall()


def _is_time(column: sqlite3.Row) -> bool:
    return column["type"] in ("REAL", "FLOAT") and str(column["name"]).endswith("_at")


def counts(path: Path) -> dict[str, int]:
    """Return the number of rows of each table that CastMind makes; tables of others are left out."""
    with closing(sqlite3.connect(":memory:")) as nothing:
        fresh = Database(nothing)
        migrations.apply(fresh)
        ours = _tables(fresh)
    with reading(path) as db:
        there = set(_tables(db))
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ours if name in there}


def steps(path: Path) -> list[str]:
    """Return the known migrations that the file has gone through."""
    gone_through = set(db_copies.steps(path))
    return [step for step in db_copies.known_steps() if step in gone_through]


def named_files(path: Path) -> dict[str, int]:
    """Return the audio files that episodes name, relative to the data folder, with the lowest id of an episode."""
    with reading(path) as db:
        rows = db.execute("SELECT media_path, min(id) FROM episodes WHERE media_path IS NOT NULL GROUP BY media_path")
        return {row[0]: row[1] for row in rows}


def failing_feeds(path: Path, before: float) -> int:
    """Return how many feeds fail now and had their last success before a time."""
    with reading(path) as db:
        found = db.execute(
            "SELECT count(*) FROM feeds WHERE failures > 0 AND coalesce(last_success_at, created_at) < ?", [before]
        )
        return int(found.fetchone()[0])


def episode_ids(path: Path) -> set[int]:
    with reading(path) as db:
        return {row[0] for row in db.execute("SELECT id FROM episodes")}


def _tables(db: Database) -> list[str]:
    """Return the names of ordinary tables: the parts of search indexes and SQLite's own are left out."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
    return [name for (name,) in rows if not name.startswith(("sqlite_", "search_"))]

"""An empty database with today's schema, as a file.

All migrations in turn take a tenth of a second of processor time and a hundred syncs: they run once per process, in memory.
The file is a copy with its own time of creation, because that distinguishes libraries. Opening it migrates nothing. Tests of
the migrations themselves begin without a file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.store.db.sqlite import Database
from core.store.migrations import migrations


def new_database(folder: Path, *, stop_before: str | None = None) -> Path:
    """Writes castmind.db into a folder, which is made; gives its path. `stop_before` is the first step that it lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "castmind.db"
    path.write_bytes(_content(stop_before))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("UPDATE _sqlite_migrations SET applied_at = ?", [str(datetime.now(UTC))])
    return path


@cache
def _content(stop_before: str | None) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrations.apply(Database(db), stop_before=stop_before)
        return db.serialize()

"""Database files other than the one in use: copies for backups, and those unpacked from backups.

copy ─▶ VACUUM INTO: one consistent moment, also beside a server that writes    steps, check, migrate, mend: a file at rest

Nothing here touches the writer's connection; `migrate` and `mend` need a file that nobody else has open. Any exception that a
damaged file causes in SQLite or Python is raised as Damaged.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import Cancelled, DatabaseDamaged, DiskFull
from core.store.db import damage, journal
from core.store.db.sqlite import Database
from core.store.jobs import tasks
from core.store.migrations import migrations

# Instructions of SQLite's virtual machine between two checks for a cancel: a few milliseconds.
STEPS_BETWEEN_LOOKS = 20_000
SIDES = ("-wal", "-shm", "-journal")

Damaged = DatabaseDamaged


def known_steps() -> tuple[str, ...]:
    """Return the names of all migrations that this program knows, in order."""
    with closing(sqlite3.connect(":memory:")) as nothing:
        return tuple(step.name for step in migrations.pending(Database(nothing)))


def is_there(path: Path) -> bool:
    """Return whether the database exists and is not empty."""
    return path.is_file() and path.stat().st_size > 0


def steps(path: Path) -> tuple[str, ...]:
    """Return the names of the migrations that the file has gone through. Raises Damaged if it is not a database."""
    with _reading(path) as connection:
        return tuple(step.name for step in migrations.applied(Database(connection)))


def size(path: Path) -> int:
    """Return the maximum size of a copy, in bytes."""
    with _reading(path) as connection:
        pages, page = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * page)


def copy(source: Path, target: Path, *, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Copy the present state of `source` to `target`, which must not exist. Raises Cancelled, DiskFull.

    `source` may be in use by another thread or process.
    """
    with _reading(source) as connection:
        connection.set_progress_handler(lambda: 1 if cancelled() else 0, STEPS_BETWEEN_LOOKS)
        try:
            connection.execute("VACUUM INTO ?", [str(target)])
        except sqlite3.OperationalError as error:
            raise _translated(error) from error


def check(path: Path) -> str | None:
    """Return the first fault in the file: in its pages, or a row with a dangling reference. None if it is intact."""
    with _reading(path) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            return str(found)
        loose = connection.execute("PRAGMA foreign_key_check").fetchone()
        return f"a row of {loose[0]} refers to a row of {loose[2]} that is not there" if loose else None


def media_paths(path: Path) -> tuple[str, ...]:
    """Return the paths of the episodes' audio, relative to the data folder, sorted."""
    with _reading(path) as connection:
        rows = connection.execute("SELECT DISTINCT media_path FROM episodes WHERE media_path IS NOT NULL ORDER BY 1")
        return tuple(str(row[0]) for row in rows)


def oldest_row(path: Path) -> float | None:
    """Return when the first episode or feed was added, in Unix seconds; None for an empty library."""
    with _reading(path) as connection:
        row = connection.execute(
            "SELECT min(created_at) FROM (SELECT created_at FROM episodes UNION ALL SELECT created_at FROM feeds)"
        ).fetchone()
    return None if row[0] is None else float(row[0])


def counts(path: Path) -> dict[str, int]:
    """Return the number of rows of each table that users know by name."""
    with _reading(path) as connection:
        return {
            table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("episodes", "feeds", "transcripts", "notes")
        }


def began(path: Path) -> str:
    """Return when the library was created, to the microsecond; "" for none.

    It is the same in all copies, and unique to the library.
    """
    with _reading(path) as connection:
        return str(min((step.applied_at for step in migrations.applied(Database(connection))), default=""))


def migrate(path: Path) -> None:
    """Migrate a file at rest, and leave it without side files."""
    with _writing(path) as connection:
        migrations.apply(Database(connection))


def fetch_again(path: Path, is_here: Callable[[str], bool]) -> int:
    """Queue the fetch of every episode whose audio `is_here` denies, and keep everything made from it; return their number."""
    with _writing(path) as connection:
        rows = connection.execute("SELECT id, media_path FROM episodes WHERE media_path IS NOT NULL").fetchall()
        missing = [(row[0],) for row in rows if not is_here(row[1])]
        connection.execute("BEGIN")
        connection.executemany(
            "UPDATE jobs SET state = 'queued', token = token + 1, tries = 0, not_before = 0, progress = 0, detail = '{}', "
            "error = NULL, finished_at = NULL WHERE episode_id = ? AND stage = 'fetch' AND state = 'done'",
            missing,
        )
        connection.execute("COMMIT")
    return len(missing)


def interrupt_tasks(path: Path, *, forgotten: Collection[str] = ()) -> None:
    """Mark unfinished background tasks of the copy as interrupted, because one of them may be the reason for the restore.

    Those of the kinds `forgotten` are deleted instead.
    """
    with _writing(path) as connection:
        connection.execute("BEGIN")
        tasks.interrupt_all(Database(connection), forgotten, now=time.time())
        connection.execute("COMMIT")


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    journal.check_reading(path, foreign=journal.is_foreign(path))
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with damage.said(path), closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        # Files from elsewhere are read too: their schema must not call functions with side effects.
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with damage.said(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def _translated(error: sqlite3.OperationalError) -> Exception:
    if "interrupted" in str(error):
        return Cancelled()
    return DiskFull("The disk is full.") if "full" in str(error) else error

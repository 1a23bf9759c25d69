"""Whether a database file is whole: its pages, its references, and each word of the search index. Read-only.

    pages (quick_check) ─▶ references (foreign_key_check) ─▶ index (every list of places is read) ─▶ faults by kind

A writer beside it is not held up. The time is limited: `TooLong` is raised when it is over.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.store.db import damage

# Instructions of SQLite's virtual machine between two looks at the clock.
STEPS_BETWEEN_LOOKS = 50_000
MOST_FAULTS = 5


class TooLong(Exception):
    """The time was over before the file was read."""


@dataclass(frozen=True, slots=True)
class FileState:
    """`pages`: faults that SQLite names. `references`: rows that refer to rows which are not there. `index`: what reading it said.

    `bytes` is the size of the file.
    """

    pages: tuple[str, ...] = ()
    references: int = 0
    index: str = ""
    bytes: int = 0


def look(path: Path, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> FileState:
    """Read the whole file. Raises TooLong, DatabaseDamaged if it cannot even be opened."""
    ends = clock() + seconds
    try:
        with damage.said(path), closing(_open(path)) as db:
            db.set_progress_handler(lambda: clock() > ends, STEPS_BETWEEN_LOOKS)
            pages = tuple(row[0] for row in db.execute(f"PRAGMA quick_check({MOST_FAULTS})") if row[0] != "ok")
            references = 0 if pages else len(db.execute("PRAGMA foreign_key_check").fetchall())
            return FileState(pages, references, _index(db), path.stat().st_size)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise TooLong(str(path)) from error
        raise


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    db.execute("PRAGMA busy_timeout = 2000")
    return db


def _index(db: sqlite3.Connection) -> str:
    """Return what is wrong with the index in use, "" if nothing is. Reading a vocabulary reads all of it."""
    state = db.execute("SELECT name FROM sqlite_master WHERE name = 'search_state'").fetchone()
    if state is None:
        return ""
    (live,) = db.execute("SELECT live FROM search_state").fetchone()
    if live is None:
        return ""
    try:
        db.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search_{int(live)}', 'row')")
        db.execute("SELECT count(*), sum(cnt) FROM temp.words").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise
        return str(error)
    return ""

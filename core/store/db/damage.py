"""Classify exceptions of SQLite by whether the file is damaged, and raise our own errors.

    exception ─┬─ full, locked, interrupted, forbidden ──▶ the file is intact: re-raised
               ├─ ours, or the operating system's ────────▶ re-raised
               └─ anything else ──────────────────────────▶ DatabaseDamaged

A damaged file causes more exceptions than sqlite3.DatabaseError: text that is not UTF-8 raises UnicodeDecodeError, a number in
place of a name TypeError, an impossible length MemoryError. So the harmless exceptions are listed, not the others.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import CastMindError, DatabaseBusy, DatabaseDamaged, DatabaseUnwritable, DiskFull, StartError
from core.store.db.sqlite import open_reader

# Primary result codes that do not depend on the file's content: https://www.sqlite.org/rescode.html. SQLITE_READONLY is missing,
# because SQLite also returns it for a changed version number in the header.
_HARMLESS = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)
_PRIMARY = 0xFF

# SQLite asks about once a millisecond of work whether it is to go on.
INSTRUCTIONS = 100_000
MOST_FINDINGS = 5


# No database is shorter than the smallest page; SQLite treats a shorter file as empty, and would create a new library in it.
_LEAST_BYTES = 512


def is_damage(error: BaseException) -> bool:
    """Return whether reading or opening a database failed because of the file's content."""
    if isinstance(error, (CastMindError, OSError)) or not isinstance(error, Exception):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & _PRIMARY not in _HARMLESS


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Convert an exception caused by damage to DatabaseDamaged, which names the file and the reason.

    A file truncated within its first page raises it at once. An empty file is a new database.
    """
    try:
        length = path.stat().st_size if path.is_file() else 0
        if 0 < length < _LEAST_BYTES:
            raise sqlite3.DatabaseError(f"it has only {length} bytes")
        yield
    except Exception as error:
        if not is_damage(error):
            raise
        raise damaged(path, error) from error


@contextmanager
def told_at_start(path: Path) -> Iterator[None]:
    """Raise StartError, with a remedy, if a start finds the database read-only or held by another program, or the disk full."""
    try:
        yield
    except StartError:
        raise
    except Exception as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if isinstance(error, DatabaseBusy) or code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StartError(
                f"Another program holds the database {path}. Nothing was changed. Close that program, then start CastMind again."
            ) from error
        if isinstance(error, DatabaseUnwritable) or code == sqlite3.SQLITE_READONLY:
            raise StartError(
                f"The database {path} cannot be written ({reason(error.__cause__ or error)}). Nothing was changed. Look whether it "
                "or its folder is read-only, and whose it is, then start CastMind again."
            ) from error
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if isinstance(error, DiskFull) or code == sqlite3.SQLITE_FULL or full:
            raise StartError(
                f"The disk that holds {path.parent} is full. Nothing that was saved is lost. Make room, then start CastMind again."
            ) from error
        raise


def damaged(path: Path, error: BaseException) -> DatabaseDamaged:
    return DatabaseDamaged(f"The database {path} cannot be read ({reason(error)}). It is left as it is.", path=str(path))


def reason(error: BaseException) -> str:
    """Return the reason alone, without the sentence around it."""
    if isinstance(error, DatabaseDamaged) and error.__cause__ is not None:
        return reason(error.__cause__)
    return str(error) if isinstance(error, (sqlite3.Error, CastMindError)) else f"{type(error).__name__}: {error}"


def quick_check(path: Path, *, most_seconds: float, stopped: Callable[[], bool] = lambda: False) -> list[str] | None:
    """Return what is damaged, in SQLite's words; [] if nothing is, None if it was not finished within the time.

    Raises sqlite3.OperationalError if the file is not there or may not be read.
    """
    until = time.monotonic() + most_seconds
    try:
        # A connection of its own, so that nobody waits for it; it is closed with the last reference.
        db = open_reader(path, 1.0)
        db.conn.set_progress_handler(lambda: int(stopped() or time.monotonic() > until), INSTRUCTIONS)
        found = [str(row[0]) for row in db.execute(f"PRAGMA quick_check({MOST_FINDINGS})")]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY):
            return None
        if not is_damage(error):
            raise
        return [str(error)]
    return [] if found == ["ok"] else found

"""What an exception of SQLite's says about the file, in an error of our own.

    exception ─┬─ full, locked, interrupted, forbidden ──▶ the file is well: the exception stays
               ├─ ours, or the operating system's ────────▶ stays
               └─ anything else ──────────────────────────▶ DatabaseDamaged

A damaged file shows itself in more ways than sqlite3.DatabaseError: text that is no UTF-8 raises UnicodeDecodeError, a number
where a name should be TypeError, a length that cannot be MemoryError. So what is known to be harmless is listed, not the rest.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import CastMindError, DatabaseBusy, DatabaseDamaged, DatabaseUnwritable, DiskFull, StartError

# Primary result codes that say nothing about the file's content: https://www.sqlite.org/rescode.html. SQLITE_READONLY is not
# among them: a changed version number in the header makes SQLite say so.
_HARMLESS = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)
_PRIMARY = 0xFF


# No database is shorter than its smallest page; SQLite takes a shorter file for an empty one, and would begin a new library in it.
_LEAST_BYTES = 512


def is_damage(error: BaseException) -> bool:
    """Whether reading or opening a database failed because of what is in its file."""
    if isinstance(error, (CastMindError, OSError)) or not isinstance(error, Exception):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & _PRIMARY not in _HARMLESS


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Raises DatabaseDamaged, which names the file and the reason, for an exception that tells of damage; and at once for a
    file that was cut off within its first page. An empty file is a new one."""
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
    """Raises StartError with what to do where a start finds the database read-only, held by another program, or no room on its
    disk."""
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
    """What was wrong, without the sentence around it."""
    if isinstance(error, DatabaseDamaged) and error.__cause__ is not None:
        return reason(error.__cause__)
    return str(error) if isinstance(error, (sqlite3.Error, CastMindError)) else f"{type(error).__name__}: {error}"

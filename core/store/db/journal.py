"""Choose the journal mode before the database is opened, by the file system that it is on.

    path ─▶ /proc/self/mountinfo ─┬─ of this computer ─▶ write-ahead log if SQLite grants it
                                  └─ of another one ───▶ rollback journal   an existing write-ahead log is checkpointed first

A write-ahead log needs memory shared by all its connections. On a mount that belongs to another kernel, including the host of a
virtual machine, that memory may not be shared and the database can be corrupted, although SQLite answers "wal". So the file
system decides first, and after a change of mode the file's own header is checked, not only the answer.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from core.errors import StartError
from core.files.mounts import MOUNTINFO, filesystem_of, is_remote

# https://www.sqlite.org/fileformat.html, 1.3.3: the write and read versions, 2 for a write-ahead log.
_VERSIONS = slice(18, 20)
_WITH_LOG = 2


def is_foreign(path: Path) -> bool:
    """Return whether the file, after resolving links, is on a file system of another kernel."""
    try:
        mountinfo = Path(MOUNTINFO).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return False  # not Linux: unknown
    return is_remote(filesystem_of(path.resolve(), mountinfo))


def has_log(path: Path) -> bool:
    """Return whether the database's header says that it uses a write-ahead log."""
    try:
        with path.open("rb") as file:
            return _WITH_LOG in file.read(_VERSIONS.stop)[_VERSIONS]
    except FileNotFoundError:
        return False


def settle(connection: Any, path: Path, *, foreign: bool) -> None:
    """Set the journal mode of a new writing connection, and the matching durability.

    Raises StartError if a write-ahead log on a foreign mount cannot be checkpointed; the database is unchanged then.
    """
    if not foreign:
        granted = _ask(connection, "journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if granted == 'wal' else 'FULL'}")
        return
    if has_log(path):
        _work_in(connection, path)
    if _ask(connection, "journal_mode = DELETE") != "delete" or has_log(path):
        raise StartError(_stuck(path, "SQLite keeps its write-ahead log"))
    connection.execute("PRAGMA synchronous = FULL")


def put_in_order(path: Path) -> None:
    """Checkpoint an existing log on a foreign mount before the file is read. Needs the data folder's lock.

    Raises StartError as `settle` does.
    """
    if has_log(path) and is_foreign(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            settle(connection, path, foreign=True)


def check_reading(path: Path, *, foreign: bool) -> None:
    """Refuse to read through a log on a foreign mount; the next start checkpoints it."""
    if foreign and has_log(path):
        raise StartError(
            f"{path} still has a write-ahead log, which is not safe on this mount. Nothing was changed. "
            "Start CastMind, or run `python -m core migrate`: both put the database in order first."
        )


def _work_in(connection: Any, path: Path) -> None:
    """Lock the database for this connection alone, which keeps the log's index in its own memory, and remove the log."""
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        ended = _ask(connection, "journal_mode = DELETE")
        connection.execute("PRAGMA locking_mode = NORMAL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only the next access releases the lock
    except sqlite3.OperationalError as error:
        raise StartError(_stuck(path, str(error))) from error
    if busy or ended != "delete":
        raise StartError(_stuck(path, "another program has it open"))
    # A -shm file that was copied along with the database belongs to no log.
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _ask(connection: Any, pragma: str) -> str:
    return str(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _stuck(path: Path, why: str) -> str:
    return (
        f"{path} lies on a mount of another computer (or of this one's host) and must not use a write-ahead log there, but it "
        f"could not be changed: {why}. Nothing was lost. Close other programs that use the file, or move the data folder "
        "to a disk of this computer, and start again."
    )

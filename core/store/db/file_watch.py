"""Watch the writer's file: is the open file still the one at the path, and do writes succeed?

    opened ─▶ note: device and inode of the database and of its write-ahead log
    before each change ─▶ check ─▶ the same? ─▶ continue
                                └─ deleted, replaced ─▶ DatabaseGone: later writes would be lost
    a change fails because of the file ─▶ failed ─▶ `trouble` ─▶ a change that succeeds ─▶ none
                                                └─ disk full: writing a megabyte must succeed to show that there is room again

A file that is deleted under a program stays open in it, and writes to it succeed. SQLite does not notice.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import CastMindError, DatabaseBusy, DatabaseGone, DatabaseUnwritable, DiskFull
from core.store.db import damage

Loss = Literal["deleted", "replaced"]
ROOM = 1 << 20
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PRIMARY = 0xFF


@dataclass(frozen=True, slots=True)
class Trouble:
    """The last change that failed because of the file, and when (Unix seconds)."""

    error: CastMindError
    since: float


class FileWatch:
    """Watches the file of one store. Set by the writer's thread, read by any."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._noted: dict[Path, tuple[int, int]] = {}
        self.trouble: Trouble | None = None
        self.written_at = 0.0
        self.waiting_since: float | None = None
        # Since the start: a lock that is released, or a disk with room again, leaves no other trace.
        self.failures = 0

    def note(self) -> None:
        """Record that the file at the path is the one just opened."""
        log = self._path.with_name(f"{self._path.name}-wal")
        self._noted = {path: found for path in (self._path, log) if (found := _identity(path))}
        self.trouble, self.written_at, self.waiting_since = None, self._clock(), None

    def forget(self) -> None:
        """Record that no file is open."""
        self._noted, self.trouble, self.waiting_since = {}, None, None

    @property
    def loss(self) -> Loss | None:
        """Return whether the open file was deleted or replaced."""
        for path, noted in self._noted.items():
            found = _identity(path)
            if found != noted:
                return "deleted" if found is None else "replaced"
        return None

    def own_sides(self) -> list[Path]:
        """Return the side files that belong to the open database, whatever file is at the path now."""
        log = self._path.with_name(f"{self._path.name}-wal")
        if log not in self._noted or _identity(log) != self._noted[log]:
            return []
        return [log, self._path.with_name(f"{self._path.name}-shm")]

    def check(self) -> None:
        """Raise DatabaseGone if the file was deleted or replaced."""
        if loss := self.loss:
            raise gone(self._path, loss)

    def begun(self) -> None:
        """Record that the writer no longer waits for a lock."""
        self.waiting_since = None

    def failed(self, error: BaseException) -> BaseException:
        """Return the error to raise for an exception of a change; remember it if the file caused it."""
        said = _said(error)
        if said is not None:
            self.failures += 1
            self.trouble = Trouble(said, self.trouble.since if self.trouble else self._clock())
        return error if said is None else said

    def arrived(self, *, room_shown: bool = False) -> None:
        """Record a commit. On a full disk, a small change may still find room where a larger one does not."""
        self.written_at = self._clock()
        if self.trouble and (room_shown or not isinstance(self.trouble.error, DiskFull)):
            self.trouble = None


def has_room(folder: Path) -> bool:
    """Return whether a megabyte can be written."""
    probe = folder / f".{uuid.uuid4().hex}.part"
    try:
        with probe.open("xb") as file:
            file.write(b"\0" * ROOM)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True


def gone(path: Path, loss: Loss) -> DatabaseGone:
    return DatabaseGone(
        f"The database {path} was {loss} while CastMind runs. What was saved until then is still open here; nothing more is saved. "
        "Stop CastMind (docker compose stop, Ctrl-C; no kill): it writes what it has open back, beside a file that took its place. "
        "Then start it again.",
        path=str(path),
        loss=loss,
    )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _said(error: BaseException) -> CastMindError | None:
    """Return the error for an exception that the file caused; None for others."""
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, sqlite3.Error) or code is None:
        return None
    primary = code & _PRIMARY
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull("The disk is full. Nothing that was saved is lost; CastMind continues when there is room.")
    if primary in _HELD:
        return DatabaseBusy()
    if primary in _UNWRITABLE:
        return DatabaseUnwritable(
            f"The database cannot be written ({damage.reason(error)}). What was saved before is kept. Check whether its folder "
            "is mounted read-only, who owns it, and whether the disk is healthy; CastMind continues automatically.",
            error=damage.reason(error),
        )
    return None

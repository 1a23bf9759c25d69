"""The restore drill: restore the replica into a temporary folder, check it, and compare it with the library.

library: rows, last change ─▶ litestream restore, timed ─▶ its pages and references, timed ─▶ copy: the same ─▶ DrillResult

RPO, what would be lost: by how much the last change of the library is newer than that of the copy. RTO, until the database is
back: the restore and the check; starting CastMind, and bringing the audio back from a backup, are not in it.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import CastMindError, DatabaseDamaged, UserError
from core.store.db import db_copies
from core.store.examine import census

PROGRAM = "litestream"
RESTORE_SECONDS = 3600.0
# What continuous replication promises.
RPO_SECONDS = 60.0
NOT_THERE = "There is no program litestream in the PATH. docs/replica.md says how to get it, and how to do without."


@dataclass(frozen=True, slots=True)
class LibraryState:
    """Rows by table, and the time of the last change in Unix seconds; None in an empty library."""

    rows: Mapping[str, int]
    changed_at: float | None


@dataclass(frozen=True, slots=True)
class DrillResult:
    """`library` is None if it could not be read: what is lost is not known then. `fault` is the first fault of the copy.

    `restoring` is None if the copy was restored before.
    """

    library: LibraryState | None
    copy: LibraryState
    restoring: float | None
    checking: float
    fault: str | None

    @property
    def rpo(self) -> float | None:
        """Return by how many seconds the copy is older than the library; None if that is not known."""
        if self.library is None or self.library.changed_at is None:
            return None if self.library is None else 0.0
        return max(self.library.changed_at - (self.copy.changed_at or 0.0), 0.0)

    @property
    def rto(self) -> float | None:
        return None if self.restoring is None else self.restoring + self.checking

    @property
    def passed(self) -> bool:
        """Return whether the copy is whole, and not older than promised."""
        return self.fault is None and (self.rpo is None or self.rpo < RPO_SECONDS)


def drill(
    database: Path, copy: Path, restore: Callable[[], None] | None, *, clock: Callable[[], float] = time.monotonic
) -> DrillResult:
    """Restore to `copy` by `restore`, unless it is there already, check it, and compare it with `database`.

    Raises UserError if nothing was restored.
    """
    library = None
    with suppress(DatabaseDamaged, OSError):
        library = state(database) if database.is_file() else None
    began = clock()
    if restore is not None:
        restore()
    restored = clock()
    if not db_copies.is_there(copy):
        raise UserError(f"Nothing was restored to {copy}.")
    fault = _fault(copy)
    checked = clock()
    found = LibraryState({}, None) if fault else state(copy)
    return DrillResult(library, found, None if restore is None else restored - began, checked - restored, fault)


def state(path: Path) -> LibraryState:
    """Return what can be compared. Raises DatabaseDamaged."""
    return LibraryState(census.counts(path), census.last_change(path, time.time()))


def _fault(copy: Path) -> str | None:
    try:
        return db_copies.check(copy)
    except DatabaseDamaged as error:
        return str(error.detail)


def restore(source: str, target: Path) -> None:
    """Have Litestream restore the replica at the address `source`. Raises UserError."""
    try:
        done = subprocess.run(
            [PROGRAM, "restore", "-o", str(target), source],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=RESTORE_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise UserError(NOT_THERE) from error
    except subprocess.TimeoutExpired as error:
        raise CastMindError(
            f"Litestream did not finish within {RESTORE_SECONDS / 60:.0f} minutes. Nothing was changed."
        ) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise UserError(f"Litestream could not restore: {said or done.returncode}. Nothing was changed.")

"""Prepare the data folder at every start, before anything opens it.

an interrupted restore ─▶ finished or undone              partial backups ─▶ deleted
no database (missing, empty, without a table), but recordings or backups ─▶ LibraryMissing: no new one is created over them
migrations that this program does not know ─▶ DatabaseTooNew
new migrations ─▶ backup of the database ─▶ run them ─┬─ done
                                                      └─ failed ─▶ the backup is restored ─▶ MigrationFailed
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import CastMindError, DatabaseDamaged, DatabaseTooNew, LibraryMissing, MigrationFailed
from core.files import partial_files
from core.files.partial_files import PART
from core.ops.backup import archive
from core.ops.backup.backups import Backups
from core.ops.backup.folder_swap import Swap, move
from core.ops.backup.manifest import DATABASE
from core.ops.backup.restorable import kept_folder, opens
from core.store.db import damage, db_copies, journal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """`applied` are the migrations that were run, `backup` the one made before them; `recovered` is the outcome of an interrupted
    restore: "finished", "undone" or None.
    """

    applied: tuple[str, ...] = ()
    backup: str | None = None
    recovered: str | None = None


def make_ready(data: Path, backups: Backups) -> Upgraded:
    """Prepare the folder, with its lock held. Raises StartError; the database is then as it was before."""
    recovered = Swap(data).recover()
    if recovered:
        log.warning("a restore had been cut off: it was %s", recovered)
    backups.sweep()
    database = data / DATABASE
    if not db_copies.is_there(database):
        _refuse_new_library(data, backups)
        return Upgraded(recovered=recovered)
    journal.put_in_order(database)
    taken = _steps(database, backups)
    if not taken:
        _refuse_new_library(data, backups)
    known = db_copies.known_steps()
    if unknown := [step for step in taken if step not in known]:
        raise _too_new(unknown[-1], backups)
    pending = tuple(step for step in known if step not in taken)
    if not pending:
        return Upgraded(recovered=recovered)
    return Upgraded(pending, _migrated(data, backups, pending), recovered)


def look(data: Path, backups: Backups) -> None:
    """Raise LibraryMissing or DatabaseDamaged if a start would; changes nothing."""
    database = data / DATABASE
    if not db_copies.is_there(database) or not _steps(database, backups):
        _refuse_new_library(data, backups)


def _refuse_new_library(data: Path, backups: Backups) -> None:
    """Raise LibraryMissing if recordings exist.

    A new library beside them would displace the old one's backups, and sweeps would delete the recordings.
    """
    recordings, made = _recordings(data), len(backups.listing())
    if not recordings and not made:
        return
    raise LibraryMissing(
        f"The data folder {data} holds recordings (files: {recordings}) and backups ({made}), but the database {DATABASE} "
        "that belongs to them is missing, empty or another one. Nothing was changed. Put it back if it lies elsewhere. "
        f"{_advice(backups, set(db_copies.known_steps()))} "
        "To begin with an empty library, start CastMind and say so on its page.",
        path=str(data / DATABASE),
        recordings=recordings,
        backups=made,
    )


def _recordings(data: Path) -> int:
    return sum(1 for folder in ("uploads", "media") for path in (data / folder).glob("*") if is_recording(path))


def is_recording(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.suffix not in (PART, ".json")


def begin_new(data: Path, *, clock: Callable[[], float] = time.time) -> Path | None:
    """Create an empty library in the folder, whose lock is held.

    A file in its place (damaged, or of another program) is moved to a new
    folder in the data folder, which is returned.
    """
    there = [path for side in ("", *db_copies.SIDES) if _in_the_way(path := data / (DATABASE + side))]
    kept = kept_folder(data, clock()) if there else None
    for path in there:
        if kept:
            move(path, kept / path.name)
    if kept:
        partial_files.sync_folder(kept)
    partial_files.sync_folder(data)
    opens(data)
    log.warning("an empty library was begun by choice; what stood in its place is in %s", kept.name if kept else "no folder")
    return kept


def _in_the_way(path: Path) -> bool:
    """Return whether the path is a file with content, or not a file at all: a folder, a dangling link, a pipe."""
    return path.stat().st_size > 0 if path.is_file() else os.path.lexists(path)


def _steps(database: Path, backups: Backups) -> tuple[str, ...]:
    try:
        return db_copies.steps(database)
    except db_copies.Damaged as error:
        raise DatabaseDamaged(f"{error.detail} {_advice(backups, None)}", path=str(database)) from error


def _migrated(data: Path, backups: Backups, pending: tuple[str, ...]) -> str:
    """Migrate, after a backup; return the name of the backup."""
    database = data / DATABASE
    try:
        made = backups.create("migration", media=False)
    except CastMindError as error:
        raise MigrationFailed(
            f"The database needs the step {pending[0]}, and before that a backup, which could not be made: {error.detail} "
            "The database is as it was.",
            step=pending[0],
        ) from error
    try:
        db_copies.migrate(database)
        wrong = db_copies.check(database)
        if wrong:
            raise MigrationFailed(wrong)
    except Exception as error:
        step = _failed_step(database, pending)
        _put_back(data, backups.path(made.name))
        raise MigrationFailed(
            f"The step {step} of the database failed ({damage.reason(error)}). The database is as it was before, and the backup "
            f"{made.name} is kept. Go back to the version that ran before, and report this.",
            step=step,
            backup=made.name,
        ) from error
    log.info("the database took the steps %s; backup %s", ", ".join(pending), made.name)
    return made.name


def _failed_step(database: Path, pending: tuple[str, ...]) -> str:
    try:
        taken = db_copies.steps(database)
    except db_copies.Damaged:
        return pending[0]  # the migration damaged the file, so its own list is unusable
    return next((step for step in pending if step not in taken), pending[-1])


def _put_back(data: Path, backup: Path) -> None:
    swap = Swap(data)
    with archive.opened(backup) as opened:
        swap.prepare()
        for entry in opened.manifest.files:
            opened.unpack(entry, swap.new / entry.path)
    swap.begin([DATABASE, *(DATABASE + side for side in db_copies.SIDES)])
    swap.carry_out()
    swap.commit()


def _too_new(step: str, backups: Backups) -> DatabaseTooNew:
    return DatabaseTooNew(
        f"The database was written by a newer CastMind (step {step}). It is left as it is. Start the newer version again. "
        + _advice(backups, set(db_copies.known_steps())),
        step=step,
    )


def _advice(backups: Backups, known: set[str] | None) -> str:
    """Advise which backup to restore: the newest that this program can read."""
    usable = (b for b in backups.listing() if b.error is None and (known is None or set(b.schema) <= known))
    found = next(usable, None)
    if found is None:
        return "There is no backup that this version can read."
    return f"Or go back to the backup {found.name}: `python -m core restore {found.name}`; what came after it is then missing."

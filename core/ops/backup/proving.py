"""Prove that a backup can be restored, without touching the library.

zip ─▶ every byte matches its manifest ─▶ database unpacked beside the backups ─▶ admission ─▶ Proof
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import BackupDamaged
from core.files.stored_names import is_plain
from core.ops.backup import archive
from core.ops.backup.archive import Archive, Asked, never
from core.ops.backup.manifest import DATABASE
from core.ops.backup.packing import PART
from core.store.db import admission, db_copies


@dataclass(frozen=True, slots=True)
class Proof:
    """The library's identity (see `copies.began`), and its rows by table."""

    library: str
    counts: Mapping[str, int]


def proven(
    path: Path, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None, cancelled: Asked = never
) -> Proof:
    """Read every byte and open the database. `on_progress` receives bytes: done, total.

    Raises the errors of `archive.opened`, and Cancelled, OSError.
    """
    with archive.opened(path) as opened:
        done, total = 0, opened.manifest.bytes

        def count(more: int) -> None:
            nonlocal done
            done += more
            on_progress(done, total)

        for entry in opened.manifest.files:
            if entry.path != DATABASE:
                opened.check_one(entry, on_progress=count, cancelled=cancelled)
        with _database(opened, on_progress=count, cancelled=cancelled) as database:
            return _opened(database)


def counted(path: Path) -> Proof:
    """Count the rows in the database of a backup whose manifest lacks them. Raises like `proven`; the audio is not read."""
    with archive.opened(path) as opened, _database(opened) as database:
        return _told(database)


def _opened(database: Path) -> Proof:
    try:
        admission.admit(database, is_plain)
    except db_copies.Damaged as error:
        raise BackupDamaged(f"The database in the backup cannot be read. {error.detail}") from error
    return _told(database)


def _told(database: Path) -> Proof:
    try:
        return Proof(db_copies.began(database), db_copies.counts(database))
    except db_copies.Damaged as error:
        raise BackupDamaged(f"The database in the backup cannot be read. {error.detail}") from error


@contextmanager
def _database(
    opened: Archive, *, on_progress: Callable[[int], None] = archive.nothing, cancelled: Asked = never
) -> Iterator[Path]:
    """Yield the backup's database as a temporary file; after a crash, the next start sweeps the part."""
    entry = next(entry for entry in opened.manifest.files if entry.path == DATABASE)
    target = opened.path.parent / f".{os.getpid()}-{time.monotonic_ns()}{PART}"
    try:
        opened.unpack(entry, target, on_progress=on_progress, cancelled=cancelled)
        yield target
    finally:
        for side in ("", *db_copies.SIDES):
            target.with_name(target.name + side).unlink(missing_ok=True)

"""Pack a backup: from the data folder to one finished zip, which has no final name yet.

    room? ─▶ copy of the database ─▶ the files that its rows name, exports ─▶ zip as .part ─▶ fsync ─▶ the caller names it

Packing only reads. Growing parts are locked, so that a sweep of another process leaves them alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from core.errors import BackupNoRoom, DiskFull, NotFound, UserError
from core.files import partial_files
from core.files.stored_names import inside
from core.ops.backup import manifest
from core.ops.backup.archive import ArchiveSource, Asked, Writer, never
from core.ops.backup.manifest import DATABASE, Kind, Manifest
from core.settings import VERSION
from core.store.db import db_copies

PART = ".part"
# Bytes of the zip's headers, for a library of some thousand files.
HEADERS = 1 << 20
GIGABYTE = 1_000_000_000

OnProgress = Callable[[str, int, int], None]
"""(phase, bytes done, total bytes); phases: database, files, finishing."""


def silent(_phase: str, _done: int, _total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class PackingOptions:
    """The contents to pack, and the callbacks for progress and cancel. `spare` bytes stay free; `target`: see `folder_of`."""

    kind: Kind
    media: bool
    on_progress: OnProgress = silent
    cancelled: Asked = never
    spare: int = 0
    target: Path | None = None


@contextmanager
def packed(data: Path, folder: Path, wish: PackingOptions, clock: Callable[[], float]) -> Iterator[Path]:
    """Yield a complete backup in `folder`; delete it afterwards unless it was renamed.

    Raises NotFound, BackupNoRoom, Cancelled.
    """
    database = data / DATABASE
    if not db_copies.is_there(database):
        raise NotFound("There is no database yet, so there is nothing to back up.")
    need_room(folder, 2 * db_copies.size(database) + HEADERS, wish.spare)
    with no_room(folder), growing(folder) as (copy, _):
        # SQLite copies into an existing empty file, which keeps its lock.
        db_copies.copy(database, copy, cancelled=wish.cancelled)
        sources = [ArchiveSource(DATABASE, copy, squeeze=wish.kind != "migration")]
        if wish.kind != "migration":
            sources += [*_audio(data, copy, media=wish.media), *_exports(data)]
        need_room(folder, sum(_bytes(source.file) for source in sources) + HEADERS, wish.spare)
        with growing(folder) as (part, file):
            about = partial(Manifest, schema=db_copies.steps(copy), library=db_copies.began(copy), counts=db_copies.counts(copy))
            _zip(wish, sources, about, file, clock)
            yield part


def _zip(
    wish: PackingOptions,
    sources: list[ArchiveSource],
    about: Callable[..., Manifest],
    file: IO[bytes],
    clock: Callable[[], float],
) -> None:
    done, total = 0, sum(_bytes(source.file) for source in sources)

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        wish.on_progress("files" if writer.done else "database", done, total)

    writer = Writer(file, on_progress=on_bytes, cancelled=wish.cancelled)
    try:
        for source in sources:
            writer.add(source)
        wish.on_progress("finishing", done, total)
        said = {"version": VERSION, "kind": wish.kind, "created_at": clock()}
        writer.finish(about(**said, files=tuple(writer.done), skipped=tuple(writer.skipped)))
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        writer.abandon()
        raise


# --- contents ---------------------------------------------------------------------------------------


def _audio(data: Path, database: Path, *, media: bool) -> Iterator[ArchiveSource]:
    """Yield the audio that the rows name: uploads always, media if `media`."""
    for path in db_copies.media_paths(database):
        folder = path.partition("/")[0]
        if manifest.safe_path(path) and inside(data, path) and (folder == "uploads" or (media and folder == "media")):
            yield ArchiveSource(path, data / path, squeeze=False)


def _exports(data: Path) -> Iterator[ArchiveSource]:
    for root, _, names in os.walk(data / "exports"):
        for name in sorted(names):
            file = Path(root) / name
            path = file.relative_to(data).as_posix()
            if file.is_file() and not file.is_symlink() and not name.startswith(".") and manifest.safe_path(path):
                yield ArchiveSource(path, file, squeeze=True)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


# --- the partial file -------------------------------------------------------------------------------


def folder_of(target: Path | None, usual: Path) -> Path:
    """Return the folder in which a backup grows: that of its final place.

    `target` is a folder, or a file that does not exist yet.

    Raises UserError for an unusable target.
    """
    if target is None:
        usual.mkdir(parents=True, exist_ok=True)
        return usual
    folder = target if target.is_dir() else target.parent
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}. No backup was made.")
    outside(target, "")
    return folder


def outside(target: Path, name: str) -> Path:
    """Return the path of the finished backup for a target. Raises UserError if the file exists."""
    if target.is_dir():
        return target / name
    if target.exists():
        raise UserError(f"{target} is there already. No backup was made; choose another name.")
    return target


@contextmanager
def growing(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Yield a locked part in `folder`; delete it afterwards unless it was renamed."""
    part = folder / f".{os.getpid()}-{time.monotonic_ns()}{PART}"
    with part.open("xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield part, file
        finally:
            part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Delete partial backups, except those that another process is writing now."""
    for part in folder.glob(f".*{PART}"):
        with part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            # A kill leaves the journal of SQLite's copy too. It goes first: without its part, no sweep would find it.
            for side in db_copies.SIDES:
                part.with_name(part.name + side).unlink(missing_ok=True)
            part.unlink(missing_ok=True)


def need_room(folder: Path, needed: int, spare: int = 0) -> None:
    """Raise BackupNoRoom if `needed` bytes would leave less than `spare` free."""
    free = shutil.disk_usage(folder).free
    if free - needed < spare:
        raise BackupNoRoom(
            f"This takes up to {needed / GIGABYTE:.2f} GB, and the disk has {max(free - spare, 0) / GIGABYTE:.2f} GB to spare. "
            "Nothing was changed; make room, then try again.",
            needed=needed,
            free=max(free - spare, 0),
        )


@contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """Convert the error of a disk that filled up meanwhile to BackupNoRoom; the partial backup is deleted."""
    try:
        with partial_files.disk_errors(folder):
            yield
    except DiskFull as error:
        raise BackupNoRoom(
            "The disk became full while the backup was made. The backup was thrown away, everything else is as it was; "
            "make room, then try again."
        ) from error

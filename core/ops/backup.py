"""Backups: one zip each, in data/backups.

    create   room? ─▶ copy of the database ─▶ the files that its rows name, exports ─▶ zip as .part ─▶ fsync ─▶ rename
    step     is the nightly one due? ─▶ create ─▶ retention

A backup reads only, so it runs beside everything else, also from another process. `Backups` makes one at a time; parts carry
a lock while they grow, so that a sweep leaves those of others alone.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from core import VERSION
from core.errors import BackupFailed, BackupNoRoom, BackupRunning, CastMindError, DiskFull, NotFound
from core.ops import archive, manifest, retention
from core.ops.archive import Asked, Source, Writer, never
from core.ops.manifest import DATABASE, KINDS, Kind, Manifest
from core.settings import Settings
from core.sources import parts
from core.store import copies

log = logging.getLogger(__name__)

NAME = re.compile(rf"castmind-({'|'.join(KINDS)})-(\d{{8}}-\d{{6}})(-\d+)?\.zip")
PART = ".part"
# What the zip's own headers take, for a library of some thousand files.
HEADERS = 1 << 20
GIGABYTE = 1_000_000_000
REST_SECONDS = 3600.0

OnProgress = Callable[[str, int, int], None]
"""(phase, bytes done, bytes in all); phases: database, files, finishing."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A file of data/backups. `error` says why it cannot be read; then only name, kind, bytes and created_at are known."""

    name: str
    kind: str
    bytes: int
    created_at: float
    version: str = ""
    schema: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BackupState:
    """What runs, or ran last. `finished_at` is None while it runs; `error` is then None too."""

    kind: str
    phase: str = "database"
    done: int = 0
    total: int = 0
    error: CastMindError | None = None
    name: str | None = None
    finished_at: float | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None


def _silent(_phase: str, _done: int, _total: int) -> None:
    return None


class Backups:
    """The backups of one data folder. Safe to call from several threads; `settings` are asked anew each time."""

    def __init__(self, data: Path, settings: Callable[[], Settings], *, clock: Callable[[], float] = time.time) -> None:
        self.folder = data / "backups"
        self._data = data
        self._settings = settings
        self._clock = clock
        self._guard = threading.Lock()
        self._state: BackupState | None = None
        self._cancelled = threading.Event()
        self._read: dict[tuple[str, int, int], Backup] = {}
        self._rest_until = 0.0
        self.nightly_error: CastMindError | None = None

    # --- looking ------------------------------------------------------------------------------

    def listing(self) -> list[Backup]:
        """Newest first."""
        found = {}
        for path in self.folder.glob("*.zip"):
            match = NAME.fullmatch(path.name)
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # deleted between the listing and the look
            if match:
                key = (path.name, status.st_size, status.st_mtime_ns)
                found[key] = self._read.get(key) or _look(path, match[1], status)
        self._read = found
        return sorted(found.values(), key=lambda b: (b.created_at, b.name), reverse=True)

    def path(self, name: str) -> Path:
        """Raises NotFound for anything that is not the plain name of a backup that is there."""
        path = self.folder / name
        if not NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
            raise NotFound(f"There is no backup {name[:200]!r}.", name=name[:200])
        return path

    def verify(self, name: str) -> Manifest:
        """Reads every byte. Raises NotFound, BackupForeign, BackupDamaged, BackupUnsafe, BackupTooNew."""
        return verified(self.path(name))

    def delete(self, name: str) -> None:
        """Raises NotFound."""
        self.path(name).unlink(missing_ok=True)

    # --- by the clock -------------------------------------------------------------------------

    def step(self, now: float | None = None) -> None:
        """Makes the nightly backup if it is due, and lets old ones go. A failure is kept in `nightly_error` for an hour."""
        moment = self._clock() if now is None else now
        values = self._settings()
        if not values.backup_nightly or moment < self._rest_until or not self._nightly_due(moment, values.backup_hour):
            return
        try:
            self.create("nightly", media=values.backup_media, spare=int(values.min_free_gb * GIGABYTE))
        except BackupRunning:
            return  # comes round again within the minute
        except CastMindError as error:
            self._rest_until, self.nightly_error = moment + REST_SECONDS, error
            raise
        self.nightly_error = None
        for old in retention.dispensable(self.listing(), keep=values.backup_keep, now=moment):
            log.info("backup %s has served its time", old.name)
            self.delete(old.name)

    def newest_nightly(self) -> float | None:
        """When the last nightly backup that can be read was made."""
        return next((b.created_at for b in self.listing() if b.kind == "nightly" and b.error is None), None)

    def _nightly_due(self, now: float, hour: int) -> bool:
        database = self._data / DATABASE
        newest = self.newest_nightly()
        return retention.due(now, hour, newest, None if newest is not None else copies.oldest_row(database))

    # --- making -------------------------------------------------------------------------------

    def start(self, kind: Kind = "manual", *, media: bool) -> None:
        """Makes one in a thread of its own; `state` tells how it goes. Raises BackupRunning."""
        self._begin(kind)

        def run() -> None:
            try:
                self._make(kind, media=media, on_progress=_silent, cancelled=never, spare=0)
            except CastMindError as error:
                log.warning("the %s backup was not made: %s", kind, error.detail)

        threading.Thread(target=run, name="backup", daemon=True).start()

    def create(
        self, kind: Kind = "manual", *, media: bool, on_progress: OnProgress = _silent, cancelled: Asked = never, spare: int = 0
    ) -> Backup:
        """Makes one in this thread; `spare` bytes stay free. Raises BackupRunning, BackupNoRoom, BackupFailed, Cancelled."""
        self._begin(kind)
        return self._make(kind, media=media, on_progress=on_progress, cancelled=cancelled, spare=spare)

    def state(self) -> BackupState | None:
        with self._guard:
            return self._state

    def cancel(self) -> None:
        """Ends what runs, if anything; nothing of it is kept."""
        self._cancelled.set()

    def free_path(self, kind: Kind) -> Path:
        """A name that no backup has yet."""
        stem = f"castmind-{kind}-{datetime.fromtimestamp(self._clock()).astimezone():%Y%m%d-%H%M%S}"
        names = (f"{stem}{f'-{n}' if n else ''}.zip" for n in range(1000))
        return next(self.folder / name for name in names if not (self.folder / name).exists())

    def sweep(self) -> None:
        """Deletes what was left half made, but for what another process is making now."""
        for part in self.folder.glob(f".*{PART}"):
            with part.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                part.unlink(missing_ok=True)

    def _begin(self, kind: Kind) -> None:
        with self._guard:
            if self._state and self._state.running:
                raise BackupRunning()
            self._cancelled.clear()
            self._state = BackupState(kind)

    def _change(self, **changes: object) -> None:
        with self._guard:
            if self._state:
                self._state = replace(self._state, **changes)  # type: ignore[arg-type]

    def _make(self, kind: Kind, *, media: bool, on_progress: OnProgress, cancelled: Asked, spare: int) -> Backup:
        def progress(phase: str, done: int, total: int) -> None:
            self._change(phase=phase, done=done, total=total)
            on_progress(phase, done, total)

        try:
            made = self._write(kind, media, progress, lambda: self._cancelled.is_set() or cancelled(), spare)
        except BaseException as error:
            told = error if isinstance(error, CastMindError) else BackupFailed(f"The backup could not be made: {error}.")
            self._change(error=told, finished_at=self._clock())
            if told is error or not isinstance(error, Exception):
                raise
            raise told from error
        self._change(name=made.name, finished_at=self._clock(), phase="finishing")
        return made

    def _write(self, kind: Kind, media: bool, progress: OnProgress, cancelled: Asked, spare: int) -> Backup:
        database = self._data / DATABASE
        if not copies.is_there(database):
            raise NotFound("There is no database yet, so there is nothing to back up.")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._need_room(2 * copies.size(database), spare)
        with _growing(self.folder) as (copy, _), _no_room(self.folder):
            # SQLite takes an empty file for its copy, and the lock on it stays.
            copies.copy(database, copy, cancelled=cancelled)
            sources = [Source(DATABASE, copy, squeeze=kind != "migration")]
            if kind != "migration":
                sources += [*_named(self._data, copy, media=media), *_exports(self._data)]
            self._need_room(sum(_bytes(source.file) for source in sources), spare)
            return self._zip(kind, sources, copies.steps(copy), progress, cancelled)

    def _zip(self, kind: Kind, sources: list[Source], schema: tuple[str, ...], progress: OnProgress, cancelled: Asked) -> Backup:
        done, total = 0, sum(_bytes(source.file) for source in sources)

        def on_bytes(count: int) -> None:
            nonlocal done
            done += count
            progress("database" if len(writer.done) == 0 else "files", done, total)

        with _growing(self.folder) as (part, file):
            writer = Writer(file, on_progress=on_bytes, cancelled=cancelled)
            try:
                for source in sources:
                    writer.add(source)
                progress("finishing", total, total)
                made = Manifest(VERSION, kind, self._clock(), schema, tuple(writer.done), tuple(writer.skipped))
                writer.finish(made)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                writer.abandon()
                raise
            target = self.free_path(kind)
            part.rename(target)
            parts.sync_folder(self.folder)
        log.info("backup %s: %d files, %d bytes", target.name, len(made.files), target.stat().st_size)
        return _look(target, kind, target.stat())

    def _need_room(self, needed: int, spare: int) -> None:
        need_room(self.folder, needed + HEADERS, spare)


def need_room(folder: Path, needed: int, spare: int = 0) -> None:
    """Raises BackupNoRoom when `needed` bytes would leave less than `spare` free."""
    free = shutil.disk_usage(folder).free
    if free - needed < spare:
        raise BackupNoRoom(
            f"This takes up to {needed / GIGABYTE:.2f} GB, and the disk has {max(free - spare, 0) / GIGABYTE:.2f} GB to spare. "
            "Nothing was changed; make room, then try again.",
            needed=needed,
            free=max(free - spare, 0),
        )


def verified(path: Path, *, on_progress: archive.Progress = archive.nothing, cancelled: Asked = never) -> Manifest:
    """The manifest of a backup whose every byte was read. Raises what `archive.opened` and `Archive.check` raise."""
    with archive.opened(path) as opened:
        opened.check(on_progress=on_progress, cancelled=cancelled)
        return opened.manifest


def _look(path: Path, kind: str, status: os.stat_result) -> Backup:
    try:
        with archive.opened(path) as opened:
            made = opened.manifest
    except (CastMindError, OSError) as error:
        why = error.detail if isinstance(error, CastMindError) else str(error)
        return Backup(path.name, kind, status.st_size, status.st_mtime, error=why)
    return Backup(path.name, kind, status.st_size, made.created_at, made.version, made.schema, made.contents, made.skipped)


def _named(data: Path, database: Path, *, media: bool) -> Iterator[Source]:
    """The audio that the rows name: uploads always, media by choice."""
    for path in copies.media_paths(database):
        folder = path.partition("/")[0]
        if manifest.safe_path(path) and (folder == "uploads" or (media and folder == "media")):
            yield Source(path, data / path, squeeze=False)


def _exports(data: Path) -> Iterator[Source]:
    for root, _, names in os.walk(data / "exports"):
        for name in sorted(names):
            file = Path(root) / name
            path = file.relative_to(data).as_posix()
            if file.is_file() and not file.is_symlink() and not name.startswith(".") and manifest.safe_path(path):
                yield Source(path, file, squeeze=True)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _growing(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A locked part in `folder` that is gone afterwards, if it was not renamed."""
    part = folder / f".{os.getpid()}-{time.monotonic_ns()}{PART}"
    with part.open("xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield part, file
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _no_room(folder: Path) -> Iterator[None]:
    """The disk filled up meanwhile: what was made so far is gone, and that is said."""
    try:
        with parts.disk_errors(folder):
            yield
    except DiskFull as error:
        raise BackupNoRoom(
            "The disk became full while the backup was made. The backup was thrown away, everything else is as it was; "
            "make room, then try again."
        ) from error

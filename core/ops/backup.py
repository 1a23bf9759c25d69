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
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from core.errors import BackupFailed, BackupNoRoom, BackupRunning, CastMindError, DiskFull, NotFound, UserError
from core.ops import archive, manifest, retention
from core.ops.archive import Asked, Source, Writer, never
from core.ops.manifest import DATABASE, KINDS, Kind, Manifest
from core.settings import VERSION, Settings
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
    """A backup's file. `error` says why it cannot be read; then only path, name, kind, bytes and created_at are known."""

    path: Path
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

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"running": self.running, "error": self.error.to_dict() if self.error else None}


def _silent(_phase: str, _done: int, _total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made, and who wants to know how it goes."""

    kind: Kind
    media: bool
    on_progress: OnProgress = _silent
    cancelled: Asked = never
    spare: int = 0
    target: Path | None = None


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

    def newest_nightly(self, now: float | None = None) -> float | None:
        """When the last nightly backup that can be read was made. One from the future tells of a clock that was wrong."""
        moment = self._clock() if now is None else now
        nightly = (b.created_at for b in self.listing() if b.kind == "nightly" and b.error is None)
        return next((made for made in nightly if made <= moment), None)

    def library_began(self) -> float | None:
        """When the first row came; None for an empty library."""
        return copies.oldest_row(self._data / DATABASE)

    def _nightly_due(self, now: float, hour: int) -> bool:
        newest = self.newest_nightly(now)
        return retention.due(now, hour, newest, None if newest is not None else self.library_began())

    # --- making -------------------------------------------------------------------------------

    def start(self, kind: Kind = "manual", *, media: bool) -> None:
        """Makes one in a thread of its own; `state` tells how it goes. Raises BackupRunning."""
        wish = Wish(kind, media)
        self._begin(kind)

        def run() -> None:
            try:
                self._make(wish)
            except CastMindError as error:
                log.warning("the %s backup was not made: %s", kind, error.detail)

        threading.Thread(target=run, name="backup", daemon=True).start()

    def create(
        self,
        kind: Kind = "manual",
        *,
        media: bool,
        on_progress: OnProgress = _silent,
        cancelled: Asked = never,
        spare: int = 0,
        target: Path | None = None,
    ) -> Backup:
        """Makes one in this thread; `spare` bytes stay free. `target` is a folder or a file that is not there yet, besides
        data/backups. Raises BackupRunning, BackupNoRoom, BackupFailed, NotFound, UserError, Cancelled."""
        self._begin(kind)
        return self._make(Wish(kind, media, on_progress, cancelled, spare, target))

    def take(self, path: Path) -> Backup:
        """Copies a backup from elsewhere into data/backups. Raises what `archive.opened` raises, and BackupNoRoom."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with archive.opened(path):
            need_room(self.folder, path.stat().st_size)
        with growing(self.folder) as (part, file), _no_room(self.folder), path.open("rb") as source:
            shutil.copyfileobj(source, file, parts.BLOCK)
            file.flush()
            return self.adopt(part)

    def adopt(self, part: Path) -> Backup:
        """Makes a whole file of this file system a backup, kind imported. Raises what `archive.opened` raises; it stays then."""
        with archive.opened(part):
            parts.sync(part)
        return self._named("imported", part)

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

    def _make(self, wish: Wish) -> Backup:
        try:
            made = self._written(wish)
        except BaseException as error:
            told = error if isinstance(error, CastMindError) else BackupFailed(f"The backup could not be made: {error}.")
            self._change(error=told, finished_at=self._clock())
            if told is error or not isinstance(error, Exception):
                raise
            raise told from error
        self._change(name=made.name, finished_at=self._clock())
        return made

    def _written(self, wish: Wish) -> Backup:
        database = self._data / DATABASE
        if not copies.is_there(database):
            raise NotFound("There is no database yet, so there is nothing to back up.")
        folder = _folder_of(wish.target, self.folder)
        need_room(folder, 2 * copies.size(database) + HEADERS, wish.spare)
        with _no_room(folder), growing(folder) as (copy, _):
            # SQLite takes an empty file for its copy, and the lock on it stays.
            copies.copy(database, copy, cancelled=self._asked(wish))
            sources = [Source(DATABASE, copy, squeeze=wish.kind != "migration")]
            if wish.kind != "migration":
                sources += [*_audio(self._data, copy, media=wish.media), *_exports(self._data)]
            need_room(folder, sum(_bytes(source.file) for source in sources) + HEADERS, wish.spare)
            with growing(folder) as (part, file):
                self._zip(wish, sources, copies.steps(copy), file)
                return self._named(wish.kind, part, wish.target)

    def _zip(self, wish: Wish, sources: list[Source], schema: tuple[str, ...], file: IO[bytes]) -> None:
        done, total = 0, sum(_bytes(source.file) for source in sources)

        def tell(phase: str) -> None:
            self._change(phase=phase, done=done, total=total)
            wish.on_progress(phase, done, total)

        def on_bytes(count: int) -> None:
            nonlocal done
            done += count
            tell("files" if writer.done else "database")

        writer = Writer(file, on_progress=on_bytes, cancelled=self._asked(wish))
        try:
            for source in sources:
                writer.add(source)
            tell("finishing")
            writer.finish(Manifest(VERSION, wish.kind, self._clock(), schema, tuple(writer.done), tuple(writer.skipped)))
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            writer.abandon()
            raise

    def _named(self, kind: Kind, part: Path, target: Path | None = None) -> Backup:
        """The part under its own name."""
        path = self.free_path(kind) if target is None else _outside(target, self.free_path(kind).name)
        part.rename(path)
        parts.sync_folder(path.parent)
        made = _look(path, kind, path.stat())
        log.info("backup %s: %s, %d bytes", made.name, ", ".join(made.contents), made.bytes)
        return made

    def _asked(self, wish: Wish) -> Asked:
        return lambda: self._cancelled.is_set() or wish.cancelled()


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
        return Backup(path, path.name, kind, status.st_size, status.st_mtime, error=why)
    return Backup(path, path.name, kind, status.st_size, made.created_at, made.version, made.schema, made.contents, made.skipped)


def _audio(data: Path, database: Path, *, media: bool) -> Iterator[Source]:
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


def _folder_of(target: Path | None, usual: Path) -> Path:
    """Where a backup grows: beside where it will lie. Raises UserError for a target that is no good."""
    if target is None:
        usual.mkdir(parents=True, exist_ok=True)
        return usual
    folder = target if target.is_dir() else target.parent
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}. No backup was made.")
    _outside(target, "")
    return folder


def _outside(target: Path, name: str) -> Path:
    if target.is_dir():
        return target / name
    if target.exists():
        raise UserError(f"{target} is there already. No backup was made; choose another name.")
    return target


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def growing(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
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

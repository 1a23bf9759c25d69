"""Backups: one zip each, in data/backups.

    listing ─▶ the backups      create ─▶ packing ─▶ a name      take, adopt ─▶ one from elsewhere
    nightly_is_due ─▶ make_nightly ─▶ create ─▶ retention

A backup only reads, so it runs beside everything else, also in another process. `Backups` makes one at a time. In a server,
`core.ops.backup.service` begins them as background tasks.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from core import events
from core.errors import BackupFailed, BackupRunning, CastMindError, NotFound
from core.files import partial_files
from core.ops.backup import archive, packing, proving, retention
from core.ops.backup.archive import Asked, never
from core.ops.backup.backup_file import Backup, look, verified
from core.ops.backup.manifest import DATABASE, KINDS, Kind, Manifest
from core.ops.backup.packing import GIGABYTE, OnProgress, PackingOptions, growing, need_room, no_room, silent
from core.ops.backup.shrinking import Made, Shrinking
from core.settings import Settings
from core.store.db import damage, db_copies

log = logging.getLogger(__name__)

NAME = re.compile(rf"castmind-({'|'.join(KINDS)})-(\d{{8}}-\d{{6}})(-\d+)?\.zip")
REST_SECONDS = 3600.0


class Backups:
    """The backups of one data folder. Thread-safe; `settings` is called anew each time."""

    def __init__(
        self,
        data: Path,
        settings: Callable[[], Settings],
        *,
        publish: events.Publish = events.nobody,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = data / "backups"
        self._data = data
        self._settings = settings
        self._publish = publish
        self._clock = clock
        self._making = threading.Lock()
        self._read: dict[tuple[str, int, int], Backup] = {}
        self._rest_until = 0.0
        self.nightly_error: CastMindError | None = None
        self._counts: dict[tuple[str, float], Mapping[str, int]] = {}
        self.shrinking = Shrinking(data, self.listing, self._counted, clock)

    # --- looking ------------------------------------------------------------------------------

    def listing(self) -> list[Backup]:
        """Return all backups, newest first."""
        found = {}
        for path in self.folder.glob("*.zip"):
            match = NAME.fullmatch(path.name)
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # deleted after the folder was listed
            if match:
                key = (path.name, status.st_size, status.st_mtime_ns)
                found[key] = self._read.get(key) or look(path, match[1], status)
        self._read = found
        return sorted(found.values(), key=lambda b: (b.created_at, b.name), reverse=True)

    def path(self, name: str) -> Path:
        """Return a backup's path. Raises NotFound unless `name` is the plain name of an existing backup."""
        path = self.folder / name
        if not NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
            raise NotFound(f"There is no backup {name[:200]!r}.", name=name[:200])
        return path

    def verify(self, name: str) -> Manifest:
        """Read every byte. Raises NotFound, BackupForeign, BackupDamaged, BackupUnsafe, BackupTooNew."""
        return verified(self.path(name))

    def delete(self, name: str) -> None:
        """Delete a backup. Raises NotFound."""
        self.path(name).unlink(missing_ok=True)

    # --- the schedule -------------------------------------------------------------------------

    def nightly_is_due(self, now: float | None = None) -> bool:
        """Return whether the night's backup is missing and may be tried: after a failure not for an hour."""
        moment = self._clock() if now is None else now
        values = self._settings()
        return values.backup_nightly and moment >= self._rest_until and self._nightly_due(moment, values.backup_hour)

    def make_nightly(self, now: float | None = None, *, on_progress: OnProgress = silent, cancelled: Asked = never) -> Backup:
        """Make the night's backup in this thread, and delete old ones. A failure stays in `nightly_error`. Raises as `create`."""
        moment = self._clock() if now is None else now
        values = self._settings()
        before = self._last_nightly(moment)
        spare = int(values.min_free_gb * GIGABYTE)
        try:
            made = self.create("nightly", media=values.backup_media, spare=spare, on_progress=on_progress, cancelled=cancelled)
        except CastMindError as error:
            self.rest(error, moment)
            raise
        self.nightly_error = None
        if before and retention.has_shrunk(made, before):
            log.error(
                "the backup %s holds less than half of %s (episodes: %s and %s; bytes: %d and %d). What deletes by itself rests "
                "until a person looks at the status page",
                made.name,
                before.name,
                made.counts.get("episodes", "?"),
                before.counts.get("episodes", "?"),
                made.bytes,
                before.bytes,
            )
        for old in retention.dispensable(self.listing(), keep=values.backup_keep, now=moment):
            log.info("backup %s has served its time", old.name)
            self.delete(old.name)
        return made

    def rest(self, error: CastMindError, now: float | None = None) -> None:
        """Note why the nightly backup was not made; it is due again in an hour."""
        self._rest_until, self.nightly_error = (self._clock() if now is None else now) + REST_SECONDS, error

    def newest_nightly(self, now: float | None = None) -> float | None:
        """Return when the last readable nightly backup was made. A time in the future means that a clock was wrong."""
        found = self._last_nightly(self._clock() if now is None else now)
        return None if found is None else found.created_at

    def _last_nightly(self, moment: float) -> Backup | None:
        nightly = (b for b in self.listing() if b.kind == "nightly" and b.error is None)
        return next((made for made in nightly if made.created_at <= moment), None)

    def _counted(self, backup: Made) -> Mapping[str, int]:
        """Return the rows of a backup whose manifest, being old, lacks them: counted once, in its database."""
        key = (backup.name, backup.created_at)
        if key not in self._counts:
            try:
                self._counts[key] = proving.counted(self.path(backup.name)).counts
            except (CastMindError, OSError) as error:
                log.warning("it cannot be said how much %s holds: %s", backup.name, error)
                self._counts[key] = {}
        return self._counts[key]

    def library_began(self) -> float | None:
        """Return when the first row was added; None for an empty library."""
        return db_copies.oldest_row(self._data / DATABASE)

    def began(self) -> float:
        """Return when the library was created (Unix seconds), the same in all its copies; 0 for none."""
        said = db_copies.began(self._data / DATABASE)
        return datetime.fromisoformat(said).timestamp() if said else 0.0

    def _nightly_due(self, now: float, hour: int) -> bool:
        newest = self.newest_nightly(now)
        return retention.due(now, hour, newest, None if newest is not None else self.library_began())

    # --- making -------------------------------------------------------------------------------

    def create(
        self,
        kind: Kind = "manual",
        *,
        media: bool,
        on_progress: OnProgress = silent,
        cancelled: Asked = never,
        spare: int = 0,
        target: Path | None = None,
    ) -> Backup:
        """Make a backup in this thread; `spare` bytes stay free.

        `target` is a folder, or a file that does not exist yet, instead of
        data/backups.

        Raises BackupRunning, BackupNoRoom, BackupFailed, NotFound, UserError, Cancelled.
        """
        if not self._making.acquire(blocking=False):
            raise BackupRunning()
        try:
            return self._written(PackingOptions(kind, media, on_progress, cancelled, spare, target))
        except CastMindError as error:
            if not isinstance(error, db_copies.Damaged):
                raise
            raise _failed(error) from error
        except Exception as error:
            raise _failed(error) from error
        finally:
            self._making.release()

    def making(self) -> bool:
        """Return whether `create` runs in this process."""
        return self._making.locked()

    def take(self, path: Path) -> Backup:
        """Copy a backup from elsewhere into data/backups. Raises the errors of `archive.opened`, and BackupNoRoom."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with archive.opened(path):
            need_room(self.folder, path.stat().st_size)
        with growing(self.folder) as (part, file), no_room(self.folder), path.open("rb") as source:
            shutil.copyfileobj(source, file, partial_files.BLOCK)
            file.flush()
            return self.adopt(part)

    def adopt(self, part: Path) -> Backup:
        """Rename a complete file on this file system to an imported backup.

        Raises the errors of `archive.opened`; the file stays then.
        """
        with archive.opened(part):
            partial_files.sync(part)
        return self._named("imported", part)

    def free_path(self, kind: Kind) -> Path:
        """Return a path that no backup has yet."""
        stem = f"castmind-{kind}-{datetime.fromtimestamp(self._clock()).astimezone():%Y%m%d-%H%M%S}"
        names = (f"{stem}{f'-{n}' if n else ''}.zip" for n in range(1000))
        return next(self.folder / name for name in names if not (self.folder / name).exists())

    def sweep(self) -> None:
        """Delete partial backups, except those that another process is writing now."""
        packing.sweep(self.folder)

    def _written(self, wish: PackingOptions) -> Backup:
        folder = packing.folder_of(wish.target, self.folder)
        with packing.packed(self._data, folder, wish, self._clock) as part:
            made = self._named(wish.kind, part, wish.target)
        self._publish(events.BackupMade(backup=made.name, reason=wish.kind, bytes=made.bytes))
        return made

    def _named(self, kind: Kind, part: Path, target: Path | None = None) -> Backup:
        """Rename the part to its final name; return the backup."""
        path = self.free_path(kind) if target is None else packing.outside(target, self.free_path(kind).name)
        part.rename(path)
        partial_files.sync_folder(path.parent)
        made = look(path, kind, path.stat())
        log.info("backup %s: %s, %d bytes", made.name, ", ".join(made.contents), made.bytes)
        return made


def _failed(error: Exception) -> BackupFailed:
    return BackupFailed(f"The backup could not be made: {damage.reason(error)}.")

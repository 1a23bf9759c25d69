"""Restore a backup.

    check every byte ─▶ unpack beside ─▶ the database: admission, migrate, check         so far, nothing is changed
      ─▶ stop ─▶ restore point of the present state ─▶ swap ─▶ start ─▶ healthy? ─▶ commit
                                                                └─ no ─▶ stop ─▶ swap back ─▶ start ─▶ RestoreFailed

A backup of the database alone, as made before an upgrade, leaves the files beside it in place. Files that exist already, byte for
byte, are linked instead of unpacked, so that they take no extra space. Audio from feeds (media) is added and never deleted: its
names are hashes, so they cannot conflict.

A restore is no background task, because it could not be a row of the database that it replaces: it must work where that database
is damaged or another program's, it stops the thread that writes rows, and after it the rows are those of the backup. So its
progress and its end are kept in memory (`RestoreState`). The part that must last is the journal of `folder_swap`: after a kill,
the next start finds the old state or the new one, never a mixture.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import BackupNoRoom, BackupRunning, CastMindError, Conflict, DiskFull, NotFound, RestoreFailed
from core.files import partial_files
from core.files.stored_names import is_plain, is_there
from core.ops.backup import archive
from core.ops.backup.archive import Archive, Asked, never
from core.ops.backup.backups import Backups
from core.ops.backup.folder_swap import Swap, sync_tree
from core.ops.backup.manifest import DATABASE, ManifestEntry
from core.ops.backup.packing import need_room
from core.ops.backup.restorable import holds_something, kept_folder, too_new, unreadable
from core.ops.backup.restore_state import RestoreResult, RestoreState
from core.ops.backup.service.backup_task import BackupTask
from core.store.db import admission, db_copies

log = logging.getLogger(__name__)

DATABASE_FILES = (DATABASE, *(DATABASE + side for side in db_copies.SIDES))
FOLDERS = ("uploads", "exports")
HASHED = ("uploads", "media")

OnProgress = Callable[[str, int, int], None]


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Server:
    """Callbacks that stop and start the program around the data folder. `start` raises if it is not healthy afterwards.

    `ending` returns whether the process ends: a restore point is then given up.
    """

    stop: Callable[[], None] = _nothing
    start: Callable[[], None] = _nothing
    ending: Asked = never


class Restorer:
    """Restores into one data folder, one backup at a time. The caller holds the folder's lock."""

    def __init__(self, data: Path, backups: Backups, server: Server, *, clock: Callable[[], float] = time.time) -> None:
        self._data = data
        self._backups = backups
        self._server = server
        self._swap = Swap(data)
        self._clock = clock
        self._guard = threading.Lock()
        self._state: RestoreState | None = None

    def state(self) -> RestoreState | None:
        """Return the restore that runs, or ran last."""
        return self._state

    def start(self, name: str) -> None:
        """Restore in a thread of its own; `state` shows the progress. Raises NotFound, BackupRunning, Conflict."""
        self._begin(name)
        threading.Thread(target=self._run_logged, args=(name,), name="restore", daemon=True).start()

    def restore(self, name: str) -> RestoreResult:
        """Restore in this thread.

        Raises NotFound, BackupRunning, Conflict, the errors of `archive.opened`, BackupNoRoom, RestoreFailed; after each of them,
        everything is as it was before.
        """
        self._begin(name)
        return self._run(name)

    def _begin(self, name: str) -> None:
        self._backups.path(name)
        if self._backups.making():
            raise BackupRunning()
        with self._guard:
            if self._state and self._state.running:
                raise Conflict(f"{self._state.name} is being restored already.", state="running", case="restoring")
            self._state = RestoreState(name=name)

    def _change(self, **changes: object) -> None:
        """Change the state. Only the thread that restores calls this."""
        with self._guard:
            if self._state:
                self._state = replace(self._state, **changes)  # type: ignore[arg-type]  # the callers name fields

    def _run_logged(self, name: str) -> None:
        try:
            self._run(name)
        except CastMindError as error:
            log.warning("%s was not restored: %s", name, error.detail)

    def _run(self, name: str) -> RestoreResult:
        try:
            result = self._restored(name)
        except BaseException as error:
            kept = _told(error)
            self._change(error=kept, finished_at=self._clock())
            if kept is error or not isinstance(error, Exception):
                raise
            raise kept from error
        self._change(result=result, finished_at=self._clock())
        log.info("restored %s: %s; restore point %s", name, dict(result.counts), result.restore_point)
        return result

    # --- the steps ----------------------------------------------------------------------------

    def _restored(self, name: str) -> RestoreResult:
        try:
            with archive.opened(self._backups.path(name)) as opened:
                self._unpack(opened)
                folders = () if opened.manifest.of_database_alone else FOLDERS
            fetched_again, left_out = self._make_ready(folders)
            counts = self._counts()
            self._change(phase="stopping")
            self._server.stop()
        except BaseException:
            self._swap.clear()
            raise
        try:
            point, kept = self._restore_point()
            self._exchange(folders)
        except BaseException as error:
            runs = self._put_back(error)
            raise RestoreFailed(f"{name} could not be restored: {_said(error)}. {runs}", name=name) from error
        self._swap.commit(kept)
        return RestoreResult(name, point, counts, kept, fetched_again, left_out)

    def _counts(self) -> dict[str, int]:
        try:
            return db_copies.counts(self._swap.new / DATABASE)
        except db_copies.Damaged as error:
            raise unreadable(error) from error

    def _unpack(self, opened: Archive) -> None:
        """Unpack the backup's files into the swap's staging folder, after verifying every byte of the backup."""
        unknown = [step for step in opened.manifest.schema if step not in db_copies.known_steps()]
        if unknown:
            raise too_new(unknown[0])
        total, done = opened.manifest.bytes, 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            self._change(phase="unpacking", done=done, total=total)

        there = {entry.path for entry in opened.manifest.files if self._is_there_already(entry)}
        need_room(self._data, sum(e.bytes for e in opened.manifest.files if e.path not in there) + self._room_for_point())
        self._swap.prepare()
        for entry in opened.manifest.files:
            if entry.path in there and self._link(entry):
                opened.check_one(entry, on_progress=progress)
            else:
                opened.unpack(entry, self._swap.new / entry.path, on_progress=progress)

    def _is_there_already(self, entry: ManifestEntry) -> bool:
        path = self._data / entry.path
        if entry.path.partition("/")[0] not in HASHED or path.is_symlink() or not path.is_file():
            return False
        return path.stat().st_size == entry.bytes and partial_files.sha256_of(path) == entry.sha256

    def _link(self, entry: ManifestEntry) -> bool:
        """Return whether the existing file can be used: media stay where they are, uploads get a second link."""
        if entry.path.startswith("media/"):
            return True
        target = self._swap.new / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self._data / entry.path, target)
        except OSError:
            return False  # the file system has no hard links
        return True

    def _room_for_point(self) -> int:
        database = self._data / DATABASE
        if not db_copies.is_there(database):
            return 0
        folders = (self._data / "uploads", self._data / "exports")
        return 3 * database.stat().st_size + sum(f.stat().st_size for folder in folders for f in folder.rglob("*") if f.is_file())

    def _make_ready(self, folders: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """Check and migrate the unpacked database.

        Return the number of episodes whose audio must be fetched again, and the dropped schema items that are not ours.
        """
        self._change(phase="migrating")
        database = self._swap.new / DATABASE
        try:
            left_out = admission.admit(database, is_plain)
        except db_copies.Damaged as error:
            raise unreadable(error) from error
        if left_out:
            log.warning("the backup's database holds what is not CastMind's, which is left out: %s", ", ".join(left_out)[:2000])
        for folder in folders:
            (self._swap.new / folder).mkdir(exist_ok=True)
        try:
            db_copies.migrate(database)
            if wrong := db_copies.check(database):
                raise RestoreFailed(f"The backup's database cannot be brought up to date: {wrong}. Nothing was changed.")
            db_copies.interrupt_tasks(database, forgotten=[BackupTask.name])
            fetched_again = db_copies.fetch_again(database, lambda path: self._will_be_there(path, folders))
        except db_copies.Damaged as error:
            raise unreadable(error) from error
        partial_files.sync(database)
        sync_tree(self._swap.new)
        return fetched_again, left_out

    def _will_be_there(self, path: str, folders: Sequence[str]) -> bool:
        stays = path.partition("/")[0] not in folders
        return is_there(self._swap.new, path) or (stays and is_there(self._data, path))

    def _restore_point(self) -> tuple[str | None, str | None]:
        """Return (name of the backup of the old state, name of the folder to keep it in if it cannot be backed up)."""
        self._change(phase="restore_point")
        try:
            return self._backups.create("restore-point", media=False, cancelled=self._server.ending).name, None
        except NotFound:
            pass  # no database; there may still be audio
        except CastMindError as error:
            if not isinstance(error.__cause__, db_copies.Damaged):
                raise
            log.warning("what is there cannot be backed up and is kept as it is: %s", error.detail)
        if not any(holds_something(self._data / item) for item in (*DATABASE_FILES, *FOLDERS)):
            return None, None
        return None, kept_folder(self._data, self._clock()).name

    def _exchange(self, folders: Sequence[str]) -> None:
        self._change(phase="swapping")
        media = sorted(path.name for path in (self._swap.new / "media").glob("*"))
        exchanged = [item for folder in folders for item in self._swap.items(folder)]
        self._swap.begin([*DATABASE_FILES, *exchanged, *(f"media/{name}" for name in media)])
        self._swap.carry_out()
        self._change(phase="starting")
        self._server.start()

    def _put_back(self, error: BaseException) -> str:
        """Bring the old state back, even if a stop or start fails, and return a sentence about the present state."""
        log.error("the restore failed and is undone", exc_info=error)
        try:
            self._server.stop()
        except Conflict as running:
            # Files are never swapped under a running program; the journal stays, and the next start follows it.
            return f"{running.detail} What was there before comes back when CastMind is started again: restart it now."
        except Exception:
            log.exception("what was restored could not be stopped; the state before is put back all the same")
        if self._swap.interrupted:
            self._swap.roll_back()
        self._swap.clear()
        try:
            self._server.start()
        except Exception as again:
            log.exception("the state before is back and does not start")
            return (
                f"What was there before is back in its place, but it does not start either: {_said(again)}. "
                "Restart CastMind, or restore another backup."
            )
        return "What was there before is back and runs."


def _said(error: BaseException) -> str:
    return error.detail.rstrip(".") if isinstance(error, CastMindError) else f"{type(error).__name__}: {error}"


def _told(error: BaseException) -> CastMindError:
    if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in partial_files.NO_SPACE):
        return BackupNoRoom("The disk became full. What was there before is as it was; make room, then try again.")
    if isinstance(error, CastMindError):
        return error
    return RestoreFailed(f"The backup could not be restored ({_said(error)}). What was there before is as it was.")

"""Backups for pages, routes and the scheduler (`castmind.backups`).

    start, nightly ─▶ BackupTask ─▶ state        start_verification ─▶ VerifyTask        restore ─▶ Restorer ─▶ restore_state
    listing, path, receive, verify, delete: the files

Methods that only read backup files or restore one do not use the database, so they also answer while a restore has it closed.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import BackupRunning, Cancelled, CastMindError, Restoring, VerifyRunning
from core.ops.backup import incoming
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import Manifest
from core.ops.backup.restore import Restorer
from core.ops.backup.restore_state import RestoreState
from core.ops.backup.service.backup_task import BackupTask
from core.ops.backup.service.verify_task import VerifyTask
from core.ops.backup.shrinking import Shrunk
from core.store.jobs.tasks import NewTask

log = logging.getLogger(__name__)

FIRST_PHASE = "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """A backup that waits or is being made, or the last one, read from its task.

    `done` and `total` are bytes, `error` is an error's `to_dict()`; `finished_at` is None while it is under way.
    """

    kind: str
    phase: str
    done: int = 0
    total: int = 0
    error: dict[str, Any] | None = None
    name: str | None = None
    finished_at: float | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None


class BackupService:
    """The backups of the library. Thread-safe."""

    def __init__(self, backups: Backups, restorer: Restorer, tasks: Tasks) -> None:
        self._backups = backups
        self._restorer = restorer
        self._tasks = tasks

    # --- files --------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[Backup]:
        """Return all backups, newest first."""
        return self._backups.listing()

    def path(self, actor: Actor, name: str) -> Path:
        """Return a backup's path. Raises NotFound unless `name` is the plain name of an existing backup."""
        return self._backups.path(name)

    def verify(self, actor: Actor, name: str) -> Manifest:
        """Read every byte now. Raises NotFound, BackupForeign, BackupDamaged, BackupUnsafe, BackupTooNew."""
        return self._backups.verify(name)

    def delete(self, actor: Actor, name: str) -> None:
        """Delete a backup. Raises NotFound."""
        self._backups.delete(name)

    async def receive(
        self, actor: Actor, stream: AsyncIterator[bytes], *, name: str, spare: int, content_length: int | None = None
    ) -> Backup:
        """Store a body as an imported backup; see `incoming.receive`."""
        return await incoming.receive(stream, self._backups, name=name, spare=spare, content_length=content_length)

    # --- making -------------------------------------------------------------------------------

    def start(self, actor: Actor, *, media: bool) -> Task:
        """Make a backup in the background; `media`: with the audio of feeds. Raises BackupRunning, Restoring."""
        arguments = {"kind": "manual", "media": media}
        return self._tasks.begin(BackupTask.name, arguments, key="manual", what=FIRST_PHASE, busy=lambda _: BackupRunning())

    def cancel(self, actor: Actor) -> None:
        """Cancel the backup that waits or is being made, if any; its part is deleted."""
        if (task := self._last()) and not task.finished:
            self._tasks.cancel(task.id)

    def state(self, actor: Actor) -> BackupState | None:
        """Return the newest backup of the list of tasks; None while the list cannot be read."""
        task = self._last()
        return None if task is None else _state(task)

    def nightly(self) -> NewTask:
        """Return the task that makes a nightly backup, once no other is being made. A schedule begins it."""
        # Only the last failure is of interest: one an hour would fill the list.
        for task in self._tasks.listing(BackupTask.name):
            if task.key == "nightly" and task.state is State.FAILED:
                self._tasks.forget(task.id)
        return NewTask(BackupTask.name, {"kind": "nightly"}, key="nightly", what=FIRST_PHASE)

    def newest_nightly(self, actor: Actor) -> float | None:
        """Return when the last readable nightly backup was made, in Unix seconds."""
        return self._backups.newest_nightly()

    def nightly_error(self, actor: Actor) -> CastMindError | None:
        """Return why the last nightly backup was not made; None after a success."""
        return self._backups.nightly_error

    def shrunk(self, actor: Actor) -> Shrunk | None:
        """Return how much smaller the library is than its backups; None if it is not."""
        return self._backups.shrinking.state()

    def accept_shrunk(self, actor: Actor) -> None:
        """Accept the library as it is: sweeps go on."""
        self._backups.shrinking.accept()

    # --- verifying, restoring -----------------------------------------------------------------

    def start_verification(self, actor: Actor, name: str) -> Task:
        """Verify a backup in the background. Raises NotFound, VerifyRunning."""
        self._backups.path(name)
        return self._tasks.begin(VerifyTask.name, {"name": name}, key=name, busy=lambda _: VerifyRunning())

    def verifying(self, actor: Actor) -> bool:
        """Return whether a verification runs; False while the store is closed for a restore."""
        try:
            return any(not task.finished for task in self._tasks.listing(VerifyTask.name))
        except Restoring:
            return False

    def restore(self, actor: Actor, name: str) -> None:
        """Restore in a thread of its own; `restore_state` shows the progress. Raises NotFound, BackupRunning, Conflict."""
        self._backups.path(name)
        if (made := self._last()) and not made.finished:
            raise BackupRunning()
        self._restorer.start(name)

    def restore_state(self, actor: Actor) -> RestoreState | None:
        """Return the restore that runs, or ran last in this process."""
        return self._restorer.state()

    def _last(self) -> Task | None:
        try:
            return self._tasks.last(BackupTask.name)
        except Restoring:
            return None
        except Exception as error:
            # A damaged or foreign database: its backups can be listed and restored all the same.
            log.warning("the tasks cannot be read: %s", error)
            return None


def _state(task: Task) -> BackupState:
    error = Cancelled().to_dict() if task.state is State.CANCELLED else task.error
    return BackupState(
        kind=task.key,
        phase=task.what,
        done=task.done,
        total=task.total,
        error=dict(error) if error else None,
        name=task.detail.get("name"),
        finished_at=task.finished_at,
    )

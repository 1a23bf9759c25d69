"""One backup at a time is read through, byte by byte, in the background: minutes for a large one, so it can be watched and ended.

start ─▶ castmind.tasks ─▶ VerifyTask: core.ops.backup.backups.verified ─▶ done │ failed: what is broken │ cancelled
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.jobs.task import Task
from core.errors import BackupUnreadable, CastMindError, Restoring, VerifyRunning
from core.ops.backup.backups import Backups, verified


class VerifyTask(TaskKind):
    """The backup `key` is read; `done` of `total` bytes of what is in it, unpacked. The file stays as it is, whatever happens."""

    name = "verify"
    beside = Beside.NONE
    # A person waits for the answer, or has forgotten the question: they are told, and ask again.
    resumes = False

    def __init__(self, backups: Backups) -> None:
        self._backups = backups

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        path = self._backups.path(arguments["name"])
        try:
            verified(path, on_progress=lambda done, total: ctx.report(done=done, total=total), cancelled=ctx.ended)
        except CastMindError:
            raise
        except Exception as error:
            raise _unreadable(error, path) from error


class Verification:
    """Safe to call from several threads."""

    def __init__(self, backups: Backups, tasks: Tasks) -> None:
        self._backups = backups
        self._tasks = tasks

    def start(self, name: str) -> Task:
        """Raises NotFound, VerifyRunning."""
        self._backups.path(name)
        return self._tasks.begin(VerifyTask.name, {"name": name}, key=name, busy=lambda _: VerifyRunning())

    def running(self) -> bool:
        """Not while the library is away for a restore."""
        try:
            return any(not task.finished for task in self._tasks.listing(VerifyTask.name))
        except Restoring:
            return False


def _unreadable(error: Exception, path: Path) -> CastMindError:
    return BackupUnreadable(f"{path.name} cannot be read: {error}. Whether it is whole is not known; look into its folder.")

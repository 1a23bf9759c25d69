"""The background task that verifies a backup, byte by byte: minutes for a large one.

run ─▶ core.ops.backup.backup_file.verified ─▶ done │ failed: the damage │ cancelled
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.errors import BackupUnreadable, CastMindError
from core.ops.backup.backup_file import verified
from core.ops.backup.backups import Backups


class VerifyTask(TaskKind):
    """Verifies the backup `key`; `done` and `total` are unpacked bytes. The file is never changed."""

    name = "verify"
    beside = Beside.NONE
    # A restart ends the task as interrupted: the user who waits is told, and can start it again.
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


def _unreadable(error: Exception, path: Path) -> CastMindError:
    return BackupUnreadable(f"{path.name} cannot be read: {error}. Whether it is whole is not known; look into its folder.")

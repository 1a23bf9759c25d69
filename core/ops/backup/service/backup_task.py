"""The background task that makes a backup, at a user's request or every night.

    run ─▶ Backups: packing ─▶ phase, bytes ─▶ detail.name: the finished file
             └─ cancelled, failed, the server stops ─▶ the part is deleted

A half-written zip cannot be continued: after a restart the task starts from the beginning, and the start has deleted the part. A
kill between the end of the file and the end of the task makes a second backup.

Backups before an upgrade, restore points and those of the command line are made without a row (`Backups.create`): no library is
open then, or another process has it open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.ops.backup.backups import Backups


class BackupTask(TaskKind):
    """`key` is manual or nightly, `what` a phase of `packing.OnProgress`; `done` and `total` are bytes."""

    name = "backup"
    beside = Beside.NONE

    def __init__(self, backups: Backups) -> None:
        self._backups = backups

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        def tell(phase: str, done: int, total: int) -> None:
            ctx.report(what=phase, done=done, total=total)

        if arguments["kind"] == "nightly":
            made = self._backups.make_nightly(on_progress=tell, cancelled=ctx.ended)
        else:
            made = self._backups.create("manual", media=arguments["media"], on_progress=tell, cancelled=ctx.ended)
        ctx.report(name=made.name)

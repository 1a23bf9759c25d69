"""One backup at a time is read through, byte by byte, in the background: minutes for a large one, so it can be watched and ended.

start ─▶ core.ops.backup.backups.verified ─▶ state: bytes so far ─▶ whole │ what is broken │ cancelled
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.background.single_task import SingleTask, TaskState
from core.errors import BackupUnreadable, CastMindError, VerifyRunning
from core.ops.backup.backups import Backups, verified
from core.ops.backup.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyState(TaskState):
    """The backup `name` is being read, or was read last. `total` counts what is in it, unpacked."""

    name: str
    phase: str = "reading"


class Verification:
    """Safe to call from several threads."""

    def __init__(self, backups: Backups, *, clock: Callable[[], float] = time.time) -> None:
        self._backups = backups
        self._task: SingleTask[VerifyState] = SingleTask("verify", clock)

    def start(self, name: str) -> None:
        """Reads it in a thread of its own; `state` tells the rest. Raises NotFound, VerifyRunning."""
        path = self._backups.path(name)
        self._task.begin(VerifyState(name=name), lambda _: VerifyRunning())
        self._task.in_thread(lambda: self._read(path))

    def state(self) -> VerifyState | None:
        return self._task.state()

    def cancel(self) -> None:
        """Ends what runs, if anything. The backup stays as it is."""
        self._task.cancel()

    def _read(self, path: Path) -> Manifest:
        def tell(done: int, total: int) -> None:
            self._task.change(done=done, total=total)

        return self._task.carry_out(
            lambda: verified(path, on_progress=tell, cancelled=self._task.cancelled),
            told=lambda error: _told(error, path.name),
            outcome=lambda _: {},
        )


def _told(error: BaseException, name: str) -> CastMindError:
    if isinstance(error, CastMindError):
        return error
    return BackupUnreadable(f"{name} cannot be read: {error}. Whether it is whole is not known; look into its folder.")

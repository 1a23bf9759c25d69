"""The background task that tries out the device for speech: seconds in a process of its own, and it may wait for the card.

The result is kept in memory alone, because the next start may find other hardware. A restart repeats an interrupted probe.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.background.tasks import Tasks
from core.errors import OutsideCondition

log = logging.getLogger(__name__)

# Each start and each change of a setting of speech begins one; finished tasks are of interest only briefly.
KEPT_SECONDS = 600.0


class ProbeTask(TaskKind):
    """`try_out` does the work; it calls its argument regularly, which raises when the probe is to end."""

    name = "probe"
    beside = Beside.NONE
    kept_seconds = KEPT_SECONDS

    def __init__(self, try_out: Callable[[Callable[[], None]], None]) -> None:
        self._try_out = try_out

    def run(self, ctx: TaskContext, _arguments: Mapping[str, Any]) -> None:
        self._try_out(ctx.check)


class Probes:
    """Begins probes. Thread-safe."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._guard = threading.Lock()

    def begin(self) -> None:
        """Begin a probe, unless one runs or waits. While tasks are stopped or cannot be stored, do nothing: the next call may."""
        with self._guard:
            if not self._tasks.started():
                return
            try:
                if all(task.finished for task in self._tasks.listing(ProbeTask.name)):
                    self._tasks.begin(ProbeTask.name, {})
            except OutsideCondition as error:
                log.warning("the device for speech cannot be tried out yet: %s", error)

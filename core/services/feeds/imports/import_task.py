"""The background task that works an import off: its waiting lines are its state, so it needs no checkpoint.

    lines that are due ─▶ LineQueue: handed out ─▶ a line has ended ─▶ progress ─▶ … ─▶ no line waits: done
         ▲                                                │
         └── a later try is due ◀── a server was down ────┘        cancelled, here or there ─▶ waiting lines are cancelled

A restart continues with the lines that wait. Only lines whose fetch was interrupted run again; one whose feed was added before
ends as known.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.domain.feeds.imports import Import, LineState
from core.domain.jobs.task import Task
from core.errors import Cancelled, NotFound, OutsideCondition, Restoring
from core.services.feeds.imports.line_queue import AT_ONCE, LineQueue
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import imports
from core.store.jobs.tasks import NewTask

log = logging.getLogger(__name__)

# Seconds between two checks for a cancellation, a shutdown, or a later try that is due.
LOOK_SECONDS = 0.5


class ImportTask(TaskKind):
    """`key` is the import's id, `what` its kind; `done` of `total` lines have an outcome. `detail` has the import's `name`, and
    the number of lines in each state."""

    name = "import"
    # A retry adds a task beside one that is about to end; the second waits, and finds the remaining lines.
    beside = Beside.OTHER_KEYS

    def __init__(self, store: Store, queue: LineQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock

    def run(self, ctx: TaskContext, _arguments: Mapping[str, Any]) -> None:
        import_id = int(ctx.task.key)
        seen = self._queue.ended(import_id)
        while (of := self._reported(ctx, import_id)) and of.running:
            ctx.check()
            self._queue.hand_out()
            seen = self._queue.wait(import_id, seen, LOOK_SECONDS)
        if of and of.cancelled:
            raise Cancelled()

    def may_run(self, task: Task, running: list[Task]) -> bool:
        """Each task has a thread, and the running ones hand out the lines of those that wait too."""
        return len(running) < AT_ONCE and super().may_run(task, running)

    def cancelled(self, db: Database, task: Task) -> None:
        imports.cancel(db, int(task.key), now=self._clock())

    def _reported(self, ctx: TaskContext, import_id: int) -> Import | None:
        """Return the import after reporting its progress; None if it was deleted."""
        try:
            with self._store.snapshot() as db:
                of = imports.get(db, import_id)
        except NotFound:
            return None
        try:
            ctx.report(done=of.done, total=of.total, **_detail(of))
        except Restoring:
            raise
        except OutsideCondition as error:
            # The lines go on, or wait for the same remedy; the progress is written with the next report.
            log.warning("the progress of import %d could not be written: %s", import_id, error)
        return of


def new_task(of: Import) -> NewTask:
    """Return the task that works the import off."""
    return NewTask(ImportTask.name, {}, key=str(of.id), what=of.kind.value, total=of.total, detail=_detail(of))


def _detail(of: Import) -> dict[str, Any]:
    return {"name": of.name, **{state.value: of.counts.get(state, 0) for state in LineState}}

"""Background tasks as rows: a thread runs each one, users can watch and cancel it, a restart resumes it.

begin(kind, arguments) ─▶ row: queued ─▶ may it run beside the others? ─▶ a thread: TaskKind.run ─▶ done │ failed │ cancelled
                                                ▲                              │ checkpoints
start ─▶ tasks that were interrupted ───────────┘◀── stop: back to the queue ──┘
step  ─▶ failed writes are retried, old rows are deleted
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from structlog.contextvars import bound_contextvars

from core.background.run_lines import collecting
from core.background.task_kind import DAY, TaskContext, TaskKind
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Cancelled, CastMindError, Restoring, ShuttingDown, TaskBroke
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import tasks
from core.store.jobs.tasks import NewTask

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0

Busy = Callable[[Task], Exception]


@dataclass(eq=False, slots=True)
class TaskRun:
    """A running thread. Its context holds the task as it was claimed."""

    ctx: TaskContext
    kind: TaskKind
    thread: threading.Thread | None = None

    @property
    def task(self) -> Task:
        return self.ctx.task


class Tasks:
    """Runs background tasks. Thread-safe.

    Call `start` after the store is opened and `stop` before it is closed; both can be repeated.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._kinds: dict[str, TaskKind] = {}
        self._running: dict[int, TaskRun] = {}
        # Final states that could not be written because the disk was full.
        self._untold: list[Callable[[Database], None]] = []
        self._changed = threading.Condition(threading.RLock())
        self._stopping = threading.Event()
        self._stopping.set()

    def register(self, *kinds: TaskKind) -> None:
        """Register kinds; call it before `start`."""
        self._kinds |= {kind.name: kind for kind in kinds}

    # --- asking ---------------------------------------------------------------------------------

    def listing(self, *kinds: str) -> list[Task]:
        """Return running and waiting tasks and recently ended ones, in the order of creation. Without names: of all kinds."""
        return [task for task in tasks.listing(self._store.read()) if not kinds or task.kind in kinds]

    def last(self, kind: str) -> Task | None:
        """Return the newest task of the kind."""
        return next(reversed(self.listing(kind)), None)

    def get(self, task_id: int) -> Task:
        """Return a task. Raises NotFound."""
        return tasks.get(self._store.read(), task_id)

    def work(self, task_id: int) -> tuple[dict[str, Any], Any]:
        """Return its arguments and its checkpoint (None before there is one). Raises NotFound."""
        return tasks.arguments(self._store.read(), task_id)

    # --- asking for more ------------------------------------------------------------------------

    def begin(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        *,
        key: str = "",
        what: str = "",
        total: int = 0,
        busy: Busy | None = None,
    ) -> Task:
        """Create a task. `busy` makes the error to raise if this task would have to wait for another one.

        Raises KeyError for a kind that is not registered.
        """
        new = NewTask(kind, arguments, key, what, total)

        def add(db: Database) -> Task:
            task = self.add(db, new)
            for other in tasks.unfinished(db) if busy else []:
                if busy and other.kind == kind and other.id != task.id and not self._kinds[kind].may_run(task, [other]):
                    raise busy(other)
            return task

        task = self._store.write(add)
        self.hand_out()
        return task

    def add(self, db: Database, new: NewTask) -> Task:
        """Create a task inside the caller's transaction, together with rows of its own. After the commit, call `hand_out`.

        Raises KeyError for a kind that is not registered.
        """
        if new.kind not in self._kinds:
            raise KeyError(new.kind)
        return tasks.get(db, tasks.add(db, new, now=self._clock()))

    def cancel(self, task_id: int) -> Task:
        """End the task after its current item; an ended one stays unchanged. Raises NotFound."""

        def ask(db: Database) -> Task:
            before, asked = tasks.get(db, task_id), tasks.ask_to_cancel(db, task_id, now=self._clock())
            if not before.finished:
                self._told_kind(db, asked)
            return asked

        with self._changed:
            task = self._store.write(ask)
            if run := self._running.get(task_id):
                run.ctx.cancelled.set()
            self._changed.notify_all()
        return task

    def forget(self, task_id: int) -> None:
        """Delete an ended task. Raises NotFound, and Conflict while it runs or waits."""
        self._store.write(partial(tasks.forget, task_id=task_id))

    def wait(self, task_id: int) -> Task:
        """Wait until the task has ended, or until `stop` left no task running. Raises NotFound."""
        with self._changed:
            while not (task := self.get(task_id)).finished and not self._stopping.is_set():
                self._changed.wait()
        return task

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Resume the tasks that ran when the server ended, and start waiting ones."""
        resumed = {name for name, kind in self._kinds.items() if kind.resumes}
        told = self._kinds.keys() - resumed

        def take_back(db: Database) -> list[Task]:
            ran = tasks.take_back(db, resumed=resumed, told=told, now=self._clock())
            for task in ran:
                self._told_kind(db, tasks.get(db, task.id))
            return ran

        for task in self._store.write(take_back):
            log.info("the task %d (%s) was under way when the server ended", task.id, task.kind)
        with self._changed:
            self._running, self._untold = {}, []
            self._stopping = threading.Event()
        self.hand_out()

    def dead(self) -> list[TaskRun]:
        """Return the runs whose thread has ended without an end of the task."""
        with self._changed:
            return [run for run in self._running.values() if run.thread and run.thread.ident and not run.thread.is_alive()]

    def revive(self) -> list[str]:
        """Put the tasks of dead threads back into the queue and start them again; return their kinds."""
        dead = self.dead()
        for run in dead:
            self._finished(run, partial(tasks.put_back, run=run.task, resumes=run.kind.resumes, now=self._clock()))
        return [run.kind.name for run in dead]

    def started(self) -> bool:
        """Return whether tasks run: from `start` to `stop`."""
        return not self._stopping.is_set()

    def stop(self, timeout: float = STOP_SECONDS) -> bool:
        """End running tasks after their current item; the next start resumes them. Return whether all ended in time."""
        with self._changed:
            self._stopping.set()
            threads = [run.thread for run in self._running.values() if run.thread]
            self._changed.notify_all()
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in threads)

    def step(self) -> None:
        """Run one step of the scheduler."""
        with self._changed:
            untold, self._untold = self._untold, []
        for write in untold:
            self._tell(write)
        if old := [task.id for task in self.listing() if self._is_old(task)]:
            self._store.write(partial(tasks.delete, task_ids=old))
        self.hand_out()

    def _is_old(self, task: Task) -> bool:
        kind = self._kinds.get(task.kind)
        kept = kind.kept_seconds if kind else DAY
        return task.finished_at is not None and task.finished_at < self._clock() - kept

    # --- doing ----------------------------------------------------------------------------------

    def hand_out(self) -> None:
        """Start the waiting tasks that may run."""
        with self._changed:
            if self._stopping.is_set():
                return
            for task in tasks.unfinished(self._store.read()):
                kind = self._kinds.get(task.kind)
                if kind and task.state is State.QUEUED and kind.may_run(task, self._running_of(kind)):
                    self._begin(kind, task)

    def _running_of(self, kind: TaskKind) -> list[Task]:
        return [run.task for run in self._running.values() if run.kind is kind]

    def _begin(self, kind: TaskKind, task: Task) -> None:
        try:
            claimed = self._store.write(partial(tasks.claim, task_id=task.id, now=self._clock()))
        except CastMindError as error:
            log.warning("the task %d (%s) cannot begin yet: %s", task.id, task.kind, error)
            return
        if claimed is None:
            return
        arguments, checkpoint = tasks.arguments(self._store.read(), task.id)
        run = TaskRun(TaskContext(self._store, claimed, checkpoint, self._stopping), kind)
        run.thread = threading.Thread(target=self._work, args=(run, arguments), name=f"task-{kind.name}", daemon=True)
        self._running[task.id] = run
        run.thread.start()

    def _work(self, run: TaskRun, arguments: dict[str, Any]) -> None:
        write: Callable[[Database], None]
        try:
            with bound_contextvars(task_id=run.task.id), collecting(run.task.detail.get("run")):
                run.kind.run(run.ctx, arguments)
            write = self._end(run, State.DONE)
        except (Cancelled, ShuttingDown):
            write = self._ended_early(run)
        except CastMindError as error:
            write = self._end(run, State.FAILED, error)
        except Exception:
            log.exception("the task %d (%s) broke; what was done stays done", run.task.id, run.kind.name)
            write = self._end(run, State.FAILED, TaskBroke())
        self._finished(run, write)

    def _finished(self, run: TaskRun, write: Callable[[Database], None]) -> None:
        self._tell(partial(self._flushed, ctx=run.ctx, write=write))
        with self._changed:
            if self._running.get(run.task.id) is run:
                del self._running[run.task.id]
            self._changed.notify_all()
        try:
            self.hand_out()
        except Restoring:
            log.info("the library is away; the next start goes on with the tasks that wait")

    def _ended_early(self, run: TaskRun) -> Callable[[Database], None]:
        if run.ctx.stopping.is_set() and not run.ctx.cancelled.is_set():
            return partial(tasks.put_back, run=run.task, resumes=run.kind.resumes, now=self._clock())
        return self._end(run, State.CANCELLED)

    def _end(self, run: TaskRun, state: State, error: CastMindError | None = None) -> Callable[[Database], None]:
        told = error.to_dict() if error else None
        return partial(tasks.finish, run=run.task, state=state, error=told, now=self._clock())

    def _tell(self, write: Callable[[Database], None]) -> None:
        try:
            self._store.write(write)
        except Exception:
            log.exception("the end of a task could not be written; it is tried again")
            with self._changed:
                self._untold.append(write)

    def _flushed(self, db: Database, ctx: TaskContext, write: Callable[[Database], None]) -> None:
        under_way = any(task.id == ctx.task.id for task in tasks.unfinished(db))
        ctx.flush(db)
        write(db)
        if under_way:
            self._told_kind(db, tasks.get(db, ctx.task.id))

    def _told_kind(self, db: Database, task: Task) -> None:
        """Let the kind of a task that has just been cancelled change its own rows, in the same transaction."""
        kind = self._kinds.get(task.kind)
        if kind and task.state is State.CANCELLED:
            kind.cancelled(db, task)

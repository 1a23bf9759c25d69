"""A kind of background task, and the context of one run.

    arguments, checkpoint ─▶ run(ctx, arguments) ─▶ item ─▶ ctx.save(…) ─▶ item ─▶ … ─▶ returns: done
                                │       └─ ctx.check() between items: cancelled, or the server stops
                                └─ raises: failed, with the error kept

A new kind is a subclass in one file, and one line where core.app registers kinds.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, ClassVar, TypeVar

from core.domain.jobs.task import Task
from core.errors import Cancelled, ShuttingDown
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import tasks

T = TypeVar("T")

DAY = 24 * 3600.0
# The shortest time between writes for progress alone: pages poll twice a second, and each commit is a sync.
REPORT_SECONDS = 1.0


class Beside(Enum):
    """The tasks of its own kind beside which a task may run; otherwise it waits its turn."""

    ANY = auto()
    OTHER_KEYS = auto()
    NONE = auto()


class TaskContext:
    """The context of one run, used by its thread."""

    def __init__(
        self,
        store: Store,
        task: Task,
        checkpoint: Any,
        stopping: threading.Event,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.task = task
        self.checkpoint = checkpoint
        self.cancelled = threading.Event()
        self.stopping = stopping
        self._store = store
        self._clock = clock
        self._detail = dict(task.detail)
        self._unwritten: dict[str, Any] = {}
        self._written_at = clock()

    def check(self) -> None:
        """Raise Cancelled or ShuttingDown if the run is to end; call it between items."""
        if self.stopping.is_set():
            raise ShuttingDown()
        if self.cancelled.is_set():
            raise Cancelled()

    def ended(self) -> bool:
        """Return whether `check` would raise."""
        return self.stopping.is_set() or self.cancelled.is_set()

    def report(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        what: str | None = None,
        checkpoint: Any = None,
        **detail: Any,
    ) -> None:
        """Report the progress; written at most every REPORT_SECONDS, and at the end. `detail` is merged into the earlier one. A
        `checkpoint` is written along with it. Who waits for the next item reports nothing new now and then, so that the last
        is written."""
        self._note(done, total, what, detail)
        if checkpoint is not None:
            self._unwritten["checkpoint"] = checkpoint
        if self._unwritten and self._clock() - self._written_at >= REPORT_SECONDS:
            self._store.write(self._keep)

    def save(
        self, checkpoint: Any, *, done: int | None = None, total: int | None = None, what: str | None = None, **detail: Any
    ) -> None:
        """Write a checkpoint at once, from which a run after a restart continues. Later work is then done again."""
        self.write(lambda _: None, checkpoint, done=done, total=total, what=what, **detail)

    def write(
        self,
        change: Callable[[Database], T],
        checkpoint: Any,
        *,
        done: int | None = None,
        total: int | None = None,
        what: str | None = None,
        **detail: Any,
    ) -> T:
        """Commit a change and its checkpoint in one transaction, so that the change is made exactly once."""
        self._note(done, total, what, detail)
        self._unwritten["checkpoint"] = checkpoint

        def both(db: Database) -> T:
            self._keep(db)
            return change(db)

        made = self._store.write(both)
        self.checkpoint = checkpoint
        return made

    def flush(self, db: Database) -> None:
        """Write the last report, inside the transaction that ends the run."""
        if self._unwritten:
            tasks.keep(db, self.task, self._unwritten)

    def _note(self, done: int | None, total: int | None, what: str | None, detail: Mapping[str, Any]) -> None:
        told = {"done": done, "total": total, "what": what}
        self._unwritten |= {name: value for name, value in told.items() if value is not None}
        if detail:
            self._detail |= detail
            self._unwritten["detail"] = self._detail

    def _keep(self, db: Database) -> None:
        if self._unwritten and not tasks.keep(db, self.task, self._unwritten):
            # Another run holds the task, after a stop that did not wait for this one.
            raise ShuttingDown()
        self._unwritten = {}
        self._written_at = self._clock()


class TaskKind(ABC):
    """A kind of task: its attributes and its work. One object serves all of its tasks."""

    name: ClassVar[str]
    beside: ClassVar[Beside] = Beside.ANY
    # Whether a run continues after a restart, from its checkpoint or from the start. Otherwise the task fails as interrupted.
    resumes: ClassVar[bool] = True
    kept_seconds: ClassVar[float] = DAY
    """How long a finished task stays in the list."""

    @abstractmethod
    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        """Do the work, in a thread of its own. `ctx.checkpoint` is None at the first start.

        An exception is stored as the task's error. After a crash, `run` may be called again with the same checkpoint, so the work
        between two checkpoints must be idempotent, or be written by `ctx.write`.
        """

    def cancelled(self, db: Database, task: Task) -> None:  # noqa: B027 (most kinds have no rows of their own)
        """Change the kind's own rows when a task is cancelled, in the transaction that ends it, whether it ran or waited."""

    def may_run(self, task: Task, running: list[Task]) -> bool:
        """Return whether the task may start. `running`: the tasks of this kind that run now."""
        if self.beside is Beside.OTHER_KEYS:
            return all(each.key != task.key for each in running)
        return self.beside is Beside.ANY or not running

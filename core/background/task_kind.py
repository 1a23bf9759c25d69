"""A kind of long work, and what a run of it is given.

    arguments, checkpoint ─▶ run(ctx, arguments) ─▶ item ─▶ ctx.save(…) ─▶ item ─▶ … ─▶ returns: done
                                │                   └─ ctx.check() between items: cancelled, or the server stops
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
# A row is written so often at most for progress alone: pages look twice a second, and each commit is a sync.
REPORT_SECONDS = 1.0


class Beside(Enum):
    """Beside which others of its kind a task may run; those that may not wait their turn."""

    ANY = auto()
    OTHER_KEYS = auto()
    NONE = auto()


class TaskContext:
    """Used by the thread of one run."""

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
        """To be called between items. Raises Cancelled, ShuttingDown."""
        if self.stopping.is_set():
            raise ShuttingDown()
        if self.cancelled.is_set():
            raise Cancelled()

    def ended(self) -> bool:
        """Whether `check` would raise."""
        return self.stopping.is_set() or self.cancelled.is_set()

    def report(self, *, done: int | None = None, total: int | None = None, what: str | None = None, **detail: Any) -> None:
        """How far it is, for who looks; written at most every REPORT_SECONDS. `detail` adds to what was told before."""
        self._note(done, total, what, detail)
        if self._clock() - self._written_at >= REPORT_SECONDS:
            self._store.write(self._keep)

    def save(
        self, checkpoint: Any, *, done: int | None = None, total: int | None = None, what: str | None = None, **detail: Any
    ) -> None:
        """Where a run after a restart goes on from, written at once. What was done since is done again then."""
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
        """A change and its checkpoint in one transaction: whatever happens, it is made once."""
        self._note(done, total, what, detail)
        self._unwritten["checkpoint"] = checkpoint

        def both(db: Database) -> T:
            self._keep(db)
            return change(db)

        made = self._store.write(both)
        self.checkpoint = checkpoint
        return made

    def flush(self, db: Database) -> None:
        """Writes what was told last, inside the transaction that ends the run."""
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
            # Another run has it, after a stop that did not wait for this one.
            raise ShuttingDown()
        self._unwritten = {}
        self._written_at = self._clock()


class TaskKind(ABC):
    """What is told of a kind, and how its work is done. One object serves all of its tasks."""

    name: ClassVar[str]
    beside: ClassVar[Beside] = Beside.ANY
    # Whether a run after a restart goes on, from its checkpoint or anew. Else the task is told as interrupted.
    resumes: ClassVar[bool] = True
    kept_seconds: ClassVar[float] = DAY
    """How long a finished task is told about."""

    @abstractmethod
    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        """Does the work, in a thread of its own. `ctx.checkpoint` is None at the first start.

        What it raises is kept as the task's error. It may be called again with the same checkpoint after a crash, so what it does
        between two checkpoints must bear to be done twice, or be written by `ctx.write`.
        """

    def may_run(self, task: Task, running: list[Task]) -> bool:
        """`running`: the tasks of this kind that run now."""
        if self.beside is Beside.OTHER_KEYS:
            return all(each.key != task.key for each in running)
        return self.beside is Beside.ANY or not running

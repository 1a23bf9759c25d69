"""An engine over a real store with a clock of its own, and kinds whose work is counted. Threads are replaced by a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.background.run_lines import RunLines
from core.background.task_kind import TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.task import Task
from core.domain.schedules.schedule import Schedule, ScheduleRun
from core.errors import ShuttingDown
from core.services.schedules.builtin import BUILTIN
from core.services.schedules.engine import ScheduleEngine
from core.services.schedules.kind import ByTask, ByThread, ByTransaction, Counts
from core.services.schedules.kinds.sweep import Sweep
from core.services.schedules.schedule_service import Schedules
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs.tasks import NewTask
from core.store.schedules import schedule_runs, schedules
from tests.new_database import new_database

# A Sunday. In tests this computer's clock shows UTC.
START = datetime(2027, 1, 10, 2, 0, tzinfo=UTC).timestamp()


class Worked(ByThread):
    """Counts its runs; raises what it is told to."""

    name = "worked"
    own = True

    def __init__(self) -> None:
        self.done: list[int] = []
        self.raises: list[BaseException] = []

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return dict(parameters)

    def run(self, row: Schedule, check: Callable[[], None]) -> Counts:
        check()
        if self.raises:
            raise self.raises.pop(0)
        self.done.append(row.id)
        return {"episodes": 2}


class Written(ByTransaction):
    name = "written"
    own = True

    def change(self, db: Database, row: Schedule, now: float) -> Counts:
        db.execute("INSERT INTO tags (name, key, created_at) VALUES (?, ?, ?)", [f"run {now}", f"{row.id} {now}", now])
        return {"episodes": 1}


class Tasked(ByTask):
    name = "tasked"
    own = True
    nothing = False
    raises: Exception | None = None

    def task(self, row: Schedule, now: float) -> NewTask | None:
        if self.raises:
            raise self.raises
        return None if self.nothing else NewTask("long", {"of": row.id})

    def did(self, task: Task) -> Counts:
        return {"feeds": task.done}


class LongTask(TaskKind):
    name = "long"
    fails = False

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        if self.fails:
            raise RuntimeError("broken")
        ctx.report(done=4)


class Desk:
    """`now` moves by hand; `waiting` are the runs that a thread of the scheduler would do."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.store = Store(new_database(folder))
        self.store.open()
        self.preferences = SettingsService(settings.load(environ={}), self.store, environ={})
        self.tasks = Tasks(self.store, clock=self.clock)
        self.long = LongTask()
        self.tasks.register(self.long)
        self.waiting: list[Callable[[Callable[[], None]], None]] = []
        self.rests = False
        self.stopping = False
        self.worked, self.written, self.tasked = Worked(), Written(), Tasked()
        self.swept: list[str] = []
        self.engine = self.new_engine()
        self.service = Schedules(self.store, self.preferences, self.engine, clock=self.clock)

    def clock(self) -> float:
        return self.now

    def new_engine(self) -> ScheduleEngine:
        """As after a start of the server."""
        return ScheduleEngine(
            self.store,
            self.preferences,
            self.tasks,
            hand_out=lambda _, run: self.waiting.append(run),
            rests=lambda: self.rests,
            lines=RunLines(),
            kinds=lambda: (self.worked, self.written, self.tasked, *self.sweeps()),
            clock=self.clock,
        )

    def sweeps(self) -> list[Sweep]:
        return [Sweep(name, partial(self.sweep, name), careful=name != "exports") for name in BUILTIN]

    def sweep(self, name: str) -> int:
        self.swept.append(name)
        return 1

    def restart(self) -> None:
        """The server was killed and started again: what threads had in hand is lost."""
        self.waiting.clear()
        self.engine = self.new_engine()
        self.engine.prepare()

    def work(self) -> None:
        """Do what threads would do."""
        while self.waiting:
            self.waiting.pop(0)(self.check)

    def check(self) -> None:
        if self.stopping:
            raise ShuttingDown()

    def step(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.engine.step()
        self.work()

    def add(self, kind: str = "worked", cron: str = "0 3 * * *", **values: Any) -> int:
        return self.service.create(OWNER, kind, cron, **values).schedule.id

    def row(self, schedule_id: int) -> Schedule:
        found = schedules.find(self.store.read(), schedule_id)
        assert found
        return found

    def runs(self, schedule_id: int) -> list[ScheduleRun]:
        """Return the history, oldest first."""
        return schedule_runs.listing(self.store.read(), schedule_id, limit=1000)[::-1]

    def outcomes(self, schedule_id: int) -> list[tuple[str, str]]:
        return [(run.cause.value, run.outcome.value) for run in self.runs(schedule_id)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TZ", "UTC")
    made = Desk(tmp_path)
    made.engine.prepare()
    made.tasks.start()
    yield made
    made.tasks.stop()
    made.store.close()

"""Long work in threads over a real store; and in a process of its own that is killed in the middle of it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.background.task_kind import DAY, Beside, TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Conflict, DiskFull, NotFound, TaskBroke, TaskInterrupted, UserError
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import tasks as rows
from tests.new_database import new_database
from tests.runner_fixture import until

PROJECT = Path(__file__).resolve().parents[2]


class Dig(TaskKind):
    """Digs the holes of its arguments, each as `dig` has it."""

    name = "dig"

    def __init__(self, dig: Callable[[int], None] = lambda _: None) -> None:
        self.dig = dig
        self.given: list[Any] = []

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        self.given.append(ctx.checkpoint)
        for hole in arguments["holes"][ctx.checkpoint or 0 :]:
            ctx.check()
            self.dig(hole)
            done = (ctx.checkpoint or 0) + 1
            ctx.save(done, done=done, deepest=hole)


class DigOne(Dig):
    name = "dig_one"
    beside = Beside.NONE


class DigThere(Dig):
    name = "dig_there"
    beside = Beside.OTHER_KEYS
    resumes = False


class DigMarked(Dig):
    """Marks each cancelled task in a row of its own."""

    name = "dig_marked"

    def cancelled(self, db: Database, task: Task) -> None:
        db.execute("INSERT INTO settings (name, value, updated_at) VALUES (?, '1', 0.0)", [f"marked {task.id}"])


class Shift:
    """Holds whoever digs until it is let go, and knows who came."""

    def __init__(self) -> None:
        self.came: list[int] = []
        self.arrived = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def __call__(self, hole: int) -> None:
        self.came.append(hole)
        self.arrived.release()
        assert self.go_on.acquire(timeout=60.0)

    def wait(self) -> None:
        assert self.arrived.acquire(timeout=60.0)


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def shift() -> Shift:
    return Shift()


@pytest.fixture
def tasks(store: Store, now: list[float], shift: Shift) -> Iterator[Tasks]:
    made = Tasks(store, clock=lambda: now[0])
    made.register(Dig(), DigOne(shift), DigThere(shift), DigMarked(shift))
    made.start()
    yield made
    shift.go_on.release(100)
    assert made.stop()


def begin(tasks: Tasks, kind: str = "dig", count: int = 3, **more: Any) -> int:
    return tasks.begin(kind, {"holes": list(range(1, count + 1))}, total=count, **more).id


def state_of(tasks: Tasks, task_id: int) -> State:
    return tasks.get(task_id).state


def test_a_task_is_done_and_told_about(tasks: Tasks) -> None:
    task = tasks.wait(begin(tasks))
    assert (task.state, task.done, task.total, task.detail, task.error) == (State.DONE, 3, 3, {"deepest": 3}, None)
    assert tasks.listing() == tasks.listing("dig") == [task] == [tasks.last("dig")]
    assert tasks.listing("other") == [] and tasks.last("other") is None
    assert tasks.work(task.id) == ({"holes": [1, 2, 3]}, 3)


def test_a_kind_that_nobody_registered_is_refused(tasks: Tasks) -> None:
    with pytest.raises(KeyError):
        tasks.begin("fly", {})
    assert tasks.listing() == []


def test_a_cancel_is_taken_after_the_item_that_is_under_way(tasks: Tasks, shift: Shift) -> None:
    task_id = begin(tasks, "dig_one")
    shift.wait()
    assert tasks.cancel(task_id).cancel_requested
    shift.go_on.release()
    task = tasks.wait(task_id)
    assert (task.state, task.done, shift.came) == (State.CANCELLED, 1, [1])
    assert tasks.cancel(task_id) == task


def test_one_that_waits_is_cancelled_at_once(tasks: Tasks, shift: Shift) -> None:
    first, second = begin(tasks, "dig_one", 1), begin(tasks, "dig_one", 1)
    shift.wait()
    assert tasks.cancel(second).state is State.CANCELLED
    shift.go_on.release()
    assert tasks.wait(first).state is State.DONE and shift.came == [1]


def marked(store: Store) -> list[int]:
    keys = [row["name"] for row in store.read().execute("SELECT name FROM settings ORDER BY rowid")]
    return [int(key.removeprefix("marked ")) for key in keys if key.startswith("marked ")]


def test_a_kind_hears_of_each_cancel_once_whether_the_task_ran_or_waited(store: Store, tasks: Tasks, shift: Shift) -> None:
    going = begin(tasks, "dig_marked")
    shift.wait()
    tasks.cancel(going)
    assert marked(store) == []
    shift.go_on.release()
    tasks.wait(going)
    assert tasks.cancel(going).state is State.CANCELLED and marked(store) == [going]
    assert tasks.stop()
    waiting, killed = begin(tasks, "dig_marked"), begin(tasks, "dig_marked")
    tasks.cancel(waiting)
    store.write(partial(rows.claim, task_id=killed, now=1.0))
    store.write(partial(rows.ask_to_cancel, task_id=killed, now=1.0))
    tasks.start()
    assert state_of(tasks, killed) is State.CANCELLED and marked(store) == [going, waiting, killed]


def test_a_task_is_added_with_the_rows_of_its_kind_or_not_at_all(store: Store, tasks: Tasks) -> None:
    new = rows.NewTask("dig", {"holes": [1]}, detail={"name": "a pond"})

    def too_full(db: Database) -> None:
        tasks.add(db, new)
        raise DiskFull()

    with pytest.raises(DiskFull):
        store.write(too_full)
    with pytest.raises(KeyError):
        store.write(lambda db: tasks.add(db, rows.NewTask("fly", {})))
    assert tasks.listing() == []
    added = store.write(lambda db: tasks.add(db, new))
    assert (added.state, added.detail) == (State.QUEUED, {"name": "a pond"})
    tasks.hand_out()
    assert tasks.wait(added.id).detail == {"name": "a pond", "deepest": 1}


@pytest.mark.parametrize(("error", "code"), [(UserError("No."), "invalid"), (ValueError("a defect"), TaskBroke.code)])
def test_what_goes_wrong_is_kept_with_what_was_done(
    tasks: Tasks, error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    def dig(hole: int) -> None:
        if hole == 2:
            raise error

    tasks.register(Dig(dig))
    task = tasks.wait(begin(tasks))
    assert (task.state, task.done, (task.error or {})["code"]) == (State.FAILED, 1, code)
    assert ("a defect" in caplog.text) is (code == TaskBroke.code)


def test_two_of_a_kind_wait_for_each_other_where_it_says_so(tasks: Tasks, shift: Shift) -> None:
    ids = [begin(tasks, "dig_one", 1) for _ in range(3)]
    shift.wait()
    assert [state_of(tasks, each) for each in ids] == [State.RUNNING, State.QUEUED, State.QUEUED]
    shift.go_on.release(3)
    assert [tasks.wait(each).state for each in ids] == [State.DONE] * 3


def test_two_of_the_same_key_wait_for_each_other_and_others_do_not(tasks: Tasks, shift: Shift) -> None:
    ids = [begin(tasks, "dig_there", 1, key=key) for key in ("garden", "garden", "yard")]
    shift.wait()
    shift.wait()
    assert [state_of(tasks, each) for each in ids] == [State.RUNNING, State.QUEUED, State.RUNNING]
    shift.go_on.release(3)
    assert [tasks.wait(each).state for each in ids] == [State.DONE] * 3


def test_a_second_one_is_refused_where_who_asks_says_so(tasks: Tasks, shift: Shift) -> None:
    def busy(_: object) -> Exception:
        return Conflict("Somebody digs here.")

    task_id = begin(tasks, "dig_there", 1, key="garden")
    shift.wait()
    with pytest.raises(Conflict):
        begin(tasks, "dig_there", 1, key="garden", busy=busy)
    other = begin(tasks, "dig_there", 1, key="yard", busy=busy)
    shift.go_on.release(2)
    assert tasks.wait(task_id).state is tasks.wait(other).state is State.DONE
    assert len(tasks.listing()) == 2


def test_a_stop_ends_what_runs_and_a_start_goes_on_with_it(tasks: Tasks, shift: Shift) -> None:
    going, told, waits = begin(tasks, "dig_one"), begin(tasks, "dig_there", key="yard"), begin(tasks, "dig_one", 1)
    shift.wait()
    shift.wait()
    stopping = threading.Thread(target=tasks.stop)
    stopping.start()
    tasks._stopping.wait()
    shift.go_on.release(2)
    stopping.join()
    assert (state_of(tasks, going), tasks.get(going).done) == (State.QUEUED, 1)
    assert (tasks.get(told).error or {})["code"] == TaskInterrupted.code
    assert tasks.wait(waits).state is State.QUEUED
    shift.go_on.release(3)
    tasks.start()
    assert tasks.wait(going).done == 3 and tasks.wait(waits).state is State.DONE
    assert sorted(shift.came) == [1, 1, 1, 2, 3]


def test_what_is_asked_for_before_the_start_waits_for_it(store: Store) -> None:
    tasks = Tasks(store)
    tasks.register(Dig())
    task_id = begin(tasks)
    assert state_of(tasks, task_id) is State.QUEUED and not tasks.started()
    tasks.start()
    assert tasks.wait(task_id).state is State.DONE and tasks.started()
    assert tasks.stop() and not tasks.started()


def test_a_task_of_a_kind_that_is_gone_stays_as_it_is(tasks: Tasks, store: Store) -> None:
    task_id = store.write(partial(rows.add, new=rows.NewTask("of_a_plug_in", {}), now=1.0))
    tasks.step()
    assert state_of(tasks, task_id) is State.QUEUED
    assert tasks.cancel(task_id).state is State.CANCELLED


def test_old_ones_are_forgotten_and_others_when_asked(tasks: Tasks, shift: Shift, now: list[float]) -> None:
    old, dismissed = tasks.wait(begin(tasks)), tasks.wait(begin(tasks))
    running = begin(tasks, "dig_one", 1)
    shift.wait()
    tasks.forget(dismissed.id)
    with pytest.raises(Conflict):
        tasks.forget(running)
    tasks.step()
    assert [task.id for task in tasks.listing()] == [old.id, running]
    now[0] += DAY + 1
    tasks.step()
    assert [task.id for task in tasks.listing()] == [running]
    with pytest.raises(NotFound):
        tasks.get(old.id)


def test_an_end_that_cannot_be_written_is_written_later(tasks: Tasks, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real, full = rows.finish, threading.Event()

    def no_room(*args: Any, **named: Any) -> None:
        if not full.is_set():
            full.set()
            raise DiskFull()
        real(*args, **named)

    monkeypatch.setattr(rows, "finish", no_room)
    task_id = begin(tasks)
    assert full.wait(60.0)
    while tasks._running:
        tasks._running[task_id].thread.join()  # type: ignore[union-attr]
    assert state_of(tasks, task_id) is State.RUNNING
    tasks.step()
    assert state_of(tasks, task_id) is State.DONE


# --- a kill -----------------------------------------------------------------------------------------

DIGGER = """
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.background.task_kind import TaskContext, TaskKind
from core.background.tasks import Tasks
from core.store.db.database import Store


class Count(TaskKind):
    name = "count"

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        first = ctx.checkpoint or 0
        print("begins at", first, flush=True)
        for number in range(first, arguments["to"]):
            ctx.check()
            ctx.write(lambda db: db.execute("INSERT INTO counted VALUES (?)", [number]), number + 1, done=number + 1)
            print("counted", number, flush=True)
            if number == arguments["wait_at"] and not first:
                sys.stdin.readline()


store = Store(Path(sys.argv[1]))
store.open()
tasks = Tasks(store)
tasks.register(Count())
if not tasks.listing():
    store.write(lambda db: db.execute("CREATE TABLE counted (number)"))
    tasks.begin("count", {"to": 50, "wait_at": 20}, total=50)
tasks.start()
print(tasks.wait(tasks.listing()[0].id).state.value, flush=True)
tasks.stop()
store.close()
"""


def test_a_kill_in_the_midst_of_it_costs_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    path = new_database(tmp_path)
    command = [sys.executable, "-c", DIGGER, str(path)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        told = list(iter(first.stdout.readline, "counted 20\n"))
        first.kill()
    assert first.returncode == -signal.SIGKILL and told[0] == "begins at 0\n"
    second = subprocess.run(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True
    )
    lines = second.stdout.splitlines()
    assert (lines[0], lines[-1]) == ("begins at 21", "done")
    with closing(sqlite3.connect(path)) as db:
        assert [row[0] for row in db.execute("SELECT number FROM counted ORDER BY rowid")] == list(range(50))
        assert db.execute("SELECT state, done, error FROM tasks").fetchall() == [("done", 50, None)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_task_whose_thread_died_goes_on_in_another(store: Store) -> None:
    died: list[int] = []

    def dies_once(hole: int) -> None:
        if hole == 2 and not died:
            died.append(hole)
            raise SystemExit

    tasks = Tasks(store)
    tasks.register(Dig(dies_once))
    tasks.start()
    try:
        task_id = begin(tasks)
        until(lambda: bool(tasks.dead()))
        assert state_of(tasks, task_id) is State.RUNNING
        assert tasks.revive() == ["dig"] and tasks.dead() == []
        assert tasks.wait(task_id).state is State.DONE
    finally:
        assert tasks.stop()

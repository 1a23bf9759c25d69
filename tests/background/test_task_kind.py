"""One run of a task: its checkpoints with the changes they stand for, its reports, and who may run beside it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from core.background.task_kind import REPORT_SECONDS, Beside, TaskContext, TaskKind
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Cancelled, ShuttingDown
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import tasks as rows


class Measured(TaskKind):
    name = "measured"

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        ctx.save(dict(arguments))


class Run:
    """A claimed task with its context; `now` is the context's clock."""

    def __init__(self, store: Store, key: str = "", **detail: Any) -> None:
        self.store, self.now = store, 0.0
        self.id = store.write(partial(rows.add, new=rows.NewTask("measured", {}, key=key, detail=detail), now=1.0))
        claimed = store.write(partial(rows.claim, task_id=self.id, now=2.0))
        assert claimed
        self.stopping = threading.Event()
        self.ctx = TaskContext(store, claimed, None, self.stopping, clock=lambda: self.now)

    @property
    def row(self) -> Task:
        return rows.get(self.store.read(), self.id)

    @property
    def checkpoint(self) -> Any:
        return rows.arguments(self.store.read(), self.id)[1]


@pytest.fixture
def run(store: Store) -> Run:
    return Run(store, name="mine", left=3)


def mark(db: Database, name: str = "marked") -> str:
    db.execute("INSERT INTO settings (name, value, updated_at) VALUES (?, '1', 0.0)", [name])
    return name


def marks(store: Store) -> list[str]:
    return [row[0] for row in store.read().execute("SELECT name FROM settings WHERE name LIKE 'marked%' ORDER BY name")]


# --- the end of a run -------------------------------------------------------------------------------


def test_a_stop_is_told_before_a_cancel_because_a_stopped_run_goes_on_later(run: Run) -> None:
    run.ctx.check()
    assert not run.ctx.ended()
    run.ctx.cancelled.set()
    assert run.ctx.ended()
    with pytest.raises(Cancelled):
        run.ctx.check()
    run.stopping.set()
    with pytest.raises(ShuttingDown):
        run.ctx.check()


# --- checkpoints ------------------------------------------------------------------------------------


def test_a_change_and_its_checkpoint_are_one(store: Store, run: Run) -> None:
    assert run.ctx.write(mark, {"at": 1}, done=1) == "marked"
    assert (marks(store), run.checkpoint, run.ctx.checkpoint, run.row.done) == (["marked"], {"at": 1}, {"at": 1}, 1)

    def broken(db: Database) -> None:
        mark(db, "marked too")
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        run.ctx.write(broken, {"at": 2}, done=2)
    assert (marks(store), run.checkpoint, run.ctx.checkpoint, run.row.done) == (["marked"], {"at": 1}, {"at": 1}, 1)


def test_a_run_that_lost_its_task_to_another_changes_nothing(store: Store, run: Run) -> None:
    """A stop that did not wait for it, and a start that gave the task to a new run."""
    store.write(partial(rows.put_back, run=run.row, resumes=True, now=3.0))
    assert store.write(partial(rows.claim, task_id=run.id, now=4.0))
    with pytest.raises(ShuttingDown):
        run.ctx.write(mark, {"at": 1})
    assert (marks(store), run.checkpoint, run.ctx.checkpoint) == ([], None, None)
    run.now += REPORT_SECONDS
    with pytest.raises(ShuttingDown):
        run.ctx.report(done=5)


# --- progress ---------------------------------------------------------------------------------------


def test_progress_is_written_once_a_second_at_most(run: Run) -> None:
    seen = []
    for number in range(1, 13):
        run.now += REPORT_SECONDS / 4
        run.ctx.report(done=number, what="reading")
        seen.append(run.row.done)
    assert sorted(set(seen)) == [0, 4, 8, 12] and run.row.what == "reading"


def test_a_detail_is_merged_into_the_earlier_one(run: Run) -> None:
    run.ctx.save(1, left=2)
    run.ctx.save(2, found="one")
    assert run.row.detail == {"name": "mine", "left": 2, "found": "one"}


def test_a_report_that_was_not_written_yet_is_written_by_the_next_of_anything(run: Run) -> None:
    run.ctx.report(done=4, what="reading", checkpoint="four")
    assert (run.row.done, run.checkpoint) == (0, None)
    run.now += REPORT_SECONDS
    run.ctx.report()
    assert (run.row.done, run.row.what, run.checkpoint) == (4, "reading", "four")


def test_the_last_report_is_written_with_the_end(store: Store, run: Run) -> None:
    run.ctx.report(done=7, total=9)

    def end(db: Database) -> None:
        run.ctx.flush(db)
        rows.finish(db, run.ctx.task, State.DONE, None, now=9.0)

    store.write(end)
    assert (run.row.done, run.row.total, run.row.state) == (7, 9, State.DONE)


# --- who runs beside whom ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beside", "alone", "with_another_key", "with_its_own_key"),
    [(Beside.ANY, True, True, True), (Beside.OTHER_KEYS, True, True, False), (Beside.NONE, True, False, False)],
)
def test_a_kind_says_what_its_tasks_wait_for(
    store: Store, beside: Beside, alone: bool, with_another_key: bool, with_its_own_key: bool
) -> None:
    kind = type("Kind", (Measured,), {"beside": beside})()
    mine, same, other = (Run(store, key).row for key in ("a", "a", "b"))
    assert kind.may_run(mine, []) is alone
    assert kind.may_run(mine, [other]) is with_another_key
    assert kind.may_run(mine, [other, same]) is with_its_own_key

"""The task that writes the search index: step by step, to the end, and on from where a stop came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from core.background.task_kind import TaskContext
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Cancelled, ShuttingDown
from core.services.search.index_task import IndexTask
from core.services.search.search import Search
from core.store.db.database import Store
from core.store.jobs import tasks as rows
from core.store.search import backfill
from tests.services.search.conftest import unindexed


def test_a_stop_comes_between_steps_and_a_start_goes_on(
    store: Store, index_tasks: Tasks, search: Search, step: Callable[[Callable[[], None]], None]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(60)

    step(wait)
    unindexed(store, 3)
    search.look()
    assert begun.wait(60)
    stopping = threading.Thread(target=index_tasks.stop)
    stopping.start()
    index_tasks._stopping.wait()
    go_on.set()
    stopping.join()
    (task,) = index_tasks.listing("index")
    assert task.state is State.QUEUED
    index_tasks.start()
    assert index_tasks.wait(task.id).state is State.DONE and search.progress(OWNER).whole


class Run:
    """One claimed run of the task, in the test's own thread."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.id = store.write(partial(rows.add, new=rows.NewTask("index", {}), now=1.0))
        claimed = store.write(partial(rows.claim, task_id=self.id, now=2.0))
        assert claimed
        self.ctx = TaskContext(store, claimed, None, threading.Event(), clock=iter(range(0, 10_000, 2)).__next__)

    def begin(self) -> None:
        IndexTask(self.store).run(self.ctx, {})

    @property
    def row(self) -> Task:
        return rows.get(self.store.read(), self.id)


def test_each_step_tells_how_many_episodes_are_in_the_index(
    store: Store, step: Callable[[Callable[[], None]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)
    unindexed(store, 3)
    run, seen = Run(store), list[tuple[int, int]]()
    step(lambda: seen.append((run.row.done, run.row.total)))
    run.begin()
    assert seen == [(0, 0), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("ends", [Cancelled, ShuttingDown])
def test_an_end_that_was_asked_for_comes_before_the_first_step_too(
    store: Store, step: Callable[[Callable[[], None]], None], ends: type[Exception]
) -> None:
    unindexed(store, 3)
    run = Run(store)
    (run.ctx.cancelled if ends is Cancelled else run.ctx.stopping).set()
    step(lambda: pytest.fail("a step was made"))
    with pytest.raises(ends):
        run.begin()


def test_an_index_that_lacks_nothing_is_left_alone(store: Store) -> None:
    run = Run(store)
    run.begin()
    assert (run.row.done, run.row.total) == (0, 0)


def test_two_never_write_it_at_once(store: Store) -> None:
    kind, one = IndexTask(store), Run(store).row
    assert kind.may_run(one, []) and not kind.may_run(Run(store).row, [one])

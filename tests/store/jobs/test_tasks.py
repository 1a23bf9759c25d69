"""Rows of background tasks: lists, the authority of the newest run, cancels, restarts."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import Conflict, NotFound, TaskInterrupted
from core.store.db.database import Store
from core.store.jobs import tasks
from core.store.jobs.tasks import MOST_STARTS, NewTask


def add(store: Store, kind: str = "dig", key: str = "") -> int:
    return store.write(partial(tasks.add, new=NewTask(kind, {"ids": [1, 2]}, key, "digging", 2), now=10.0))


def claimed(store: Store, task_id: int, now: float = 20.0) -> Task:
    task = store.write(partial(tasks.claim, task_id=task_id, now=now))
    assert task is not None
    return task


def test_a_task_is_kept_with_its_arguments(store: Store) -> None:
    task_id = add(store)
    assert tasks.listing(store.read()) == [Task(task_id, "dig", what="digging", total=2, created_at=10.0)]
    assert tasks.arguments(store.read(), task_id) == ({"ids": [1, 2]}, None)
    for ask in (tasks.get, tasks.arguments):
        with pytest.raises(NotFound):
            ask(store.read(), task_id + 1)


def test_it_is_claimed_once(store: Store) -> None:
    task_id = add(store)
    assert claimed(store, task_id).started_at == 20.0
    assert store.write(partial(tasks.claim, task_id=task_id, now=21.0)) is None


def test_only_the_newest_run_is_believed(store: Store) -> None:
    first = claimed(store, add(store))
    store.write(partial(tasks.take_back, resumed={"dig"}, told=(), now=30.0))
    # The clock was set back meanwhile.
    second = claimed(store, first.id, now=5.0)
    assert store.write(partial(tasks.keep, run=second, values={"done": 1, "detail": {"changed": 1}, "checkpoint": [1]}))
    assert not store.write(partial(tasks.keep, run=first, values={"done": 2}))
    store.write(partial(tasks.finish, run=first, state=State.DONE, error=None, now=40.0))
    assert tasks.get(store.read(), first.id).state is State.RUNNING
    store.write(partial(tasks.finish, run=second, state=State.DONE, error=None, now=41.0))
    task = tasks.get(store.read(), first.id)
    assert (task.state, task.done, task.detail, task.finished_at) == (State.DONE, 1, {"changed": 1}, 41.0)
    assert tasks.arguments(store.read(), first.id)[1] == [1]


def test_one_that_waits_is_cancelled_at_once_and_one_that_runs_is_asked_to_end(store: Store) -> None:
    waits, runs = add(store), claimed(store, add(store))
    assert store.write(partial(tasks.ask_to_cancel, task_id=waits, now=30.0)).state is State.CANCELLED
    asked = store.write(partial(tasks.ask_to_cancel, task_id=runs.id, now=30.0))
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    store.write(partial(tasks.put_back, run=runs, resumes=True, now=31.0))
    assert tasks.get(store.read(), runs.id).state is State.CANCELLED


def test_only_finished_ones_are_forgotten(store: Store) -> None:
    task_id = add(store)
    with pytest.raises(Conflict):
        store.write(partial(tasks.forget, task_id=task_id))
    store.write(partial(tasks.ask_to_cancel, task_id=task_id, now=30.0))
    store.write(partial(tasks.forget, task_id=task_id))
    assert tasks.listing(store.read()) == []


def test_a_restart_goes_on_with_some_and_tells_of_others(store: Store) -> None:
    going, told, cancelled, foreign = (claimed(store, add(store, kind)) for kind in ("dig", "read", "dig", "of a plug-in"))
    store.write(partial(tasks.ask_to_cancel, task_id=cancelled.id, now=30.0))
    took = store.write(partial(tasks.take_back, resumed={"dig"}, told={"read"}, now=40.0))
    assert [task.id for task in took] == [going.id, told.id, cancelled.id, foreign.id]
    states = {task.id: (task.state, (task.error or {}).get("code")) for task in tasks.listing(store.read())}
    assert states == {
        going.id: (State.QUEUED, None),
        told.id: (State.FAILED, TaskInterrupted.code),
        cancelled.id: (State.CANCELLED, None),
        foreign.id: (State.RUNNING, None),
    }


def test_what_ends_the_server_again_and_again_is_given_up(store: Store) -> None:
    task_id = add(store)
    for _ in range(MOST_STARTS - 1):
        claimed(store, task_id)
        store.write(partial(tasks.take_back, resumed={"dig"}, told=(), now=40.0))
        assert tasks.get(store.read(), task_id).state is State.QUEUED
    claimed(store, task_id)
    store.write(partial(tasks.take_back, resumed={"dig"}, told=(), now=40.0))
    assert (tasks.get(store.read(), task_id).error or {})["code"] == TaskInterrupted.code


def test_one_that_gets_further_each_time_is_not(store: Store) -> None:
    task_id = add(store)
    for number in range(MOST_STARTS + 1):
        store.write(partial(tasks.keep, run=claimed(store, task_id), values={"checkpoint": number}))
        store.write(partial(tasks.take_back, resumed={"dig"}, told=(), now=40.0))
    assert tasks.get(store.read(), task_id).state is State.QUEUED


def test_stops_in_good_order_do_not_count(store: Store) -> None:
    task_id = add(store)
    for _ in range(MOST_STARTS + 1):
        store.write(partial(tasks.put_back, run=claimed(store, task_id), resumes=True, now=40.0))
    assert tasks.get(store.read(), task_id).state is State.QUEUED
    store.write(partial(tasks.put_back, run=claimed(store, task_id), resumes=False, now=40.0))
    assert (tasks.get(store.read(), task_id).error or {})["code"] == TaskInterrupted.code

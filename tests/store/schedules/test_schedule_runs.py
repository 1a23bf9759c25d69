"""The history of a schedule: bounded, and each run ends once."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.schedules.schedule import RunCause, RunOutcome, ScheduleRun
from core.store.db.database import Store
from core.store.schedules import schedule_runs, schedules


@pytest.fixture
def schedule_id(store: Store) -> int:
    return store.write(partial(schedules.add, values={"kind": "refresh"}, now=1.0))


def begun(store: Store, schedule_id: int, now: float = 5.0) -> ScheduleRun:
    begin = partial(schedule_runs.begin, schedule_id=schedule_id, cause=RunCause.TIME)
    return store.write(partial(begin, due_at=now - 1, tries=0, now=now))


def ended(store: Store, run: ScheduleRun, outcome: RunOutcome = RunOutcome.DONE, **more: object) -> bool:
    return store.write(lambda db: schedule_runs.end(db, run, outcome, now=run.started_at + 2, **more))  # type: ignore[arg-type]


def test_a_run_ends_once(store: Store, schedule_id: int) -> None:
    run = begun(store, schedule_id)
    assert schedule_runs.is_running(store.read(), schedule_id) and schedule_runs.running(store.read()) == [run]
    assert ended(store, run, did={"episodes": 3}, lines=["one", "two"])
    assert not ended(store, run, RunOutcome.FAILED, error={"code": "internal"})
    assert not schedule_runs.is_running(store.read(), schedule_id) and schedule_runs.running(store.read()) == []
    last = schedule_runs.last(store.read(), schedule_id)
    assert last and (last.outcome, last.ended_at, last.error) == (RunOutcome.DONE, 7.0, None)
    assert (last.did, last.lines, last.due_at) == ({"episodes": 3}, ("one", "two"), 4.0)


def test_a_failed_run_keeps_its_error_and_its_task(store: Store, schedule_id: int) -> None:
    run = store.write(partial(schedule_runs.hand_to_task, run=begun(store, schedule_id), task_id=9))
    ended(store, run, RunOutcome.FAILED, error={"code": "disk_full", "detail": "", "params": {}})
    last = schedule_runs.last(store.read(), schedule_id)
    assert last and last.error and (last.error["code"], last.task_id) == ("disk_full", 9)


def test_the_newest_runs_stay_and_one_that_is_under_way(store: Store, schedule_id: int) -> None:
    other = store.write(partial(schedules.add, values={"kind": "refresh"}, now=1.0))
    elsewhere, long = begun(store, other), begun(store, schedule_id)
    for number in range(schedule_runs.KEPT + 20):
        ended(store, begun(store, schedule_id, now=10.0 + number))
    found = schedule_runs.listing(store.read(), schedule_id, limit=1000)
    assert len(found) == schedule_runs.KEPT + 1 and found[-1].id == long.id
    assert [run.id for run in found] == sorted((run.id for run in found), reverse=True)
    assert [run.id for run in schedule_runs.listing(store.read(), other)] == [elsewhere.id]
    assert schedule_runs.last(store.read(), 999) is None


def test_the_history_goes_with_its_schedule(store: Store, schedule_id: int) -> None:
    begun(store, schedule_id)
    store.write(partial(schedules.remove, schedule_id=schedule_id, now=1.0))
    store.write(partial(schedules.forget_removed, before=2.0))
    assert schedule_runs.running(store.read()) == []

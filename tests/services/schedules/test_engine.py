"""Schedules that run: once each time, whatever the clock, a kill or an error does."""

from __future__ import annotations

import logging

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import DiskFull, ScheduleRunning, ShuttingDown, UserError
from core.store.db.database import Store
from core.store.schedules import schedule_runs, schedules
from tests.runner_fixture import until
from tests.services.schedules.conftest import START, Desk

HOUR, DAY = 3600.0, 86_400.0


def test_it_runs_at_its_time_once(desk: Desk) -> None:
    number = desk.add()
    for _ in range(5):
        desk.step(HOUR / 2)
    assert desk.worked.done == [number] and desk.outcomes(number) == [("time", "done")]
    (run,) = desk.runs(number)
    assert (run.due_at, run.did, run.tries) == (START + HOUR, {"episodes": 2}, 0)
    row = desk.row(number)
    assert (row.last_at, row.next_at, row.retry_at) == (START + HOUR, START + HOUR + DAY, None)


def test_three_days_asleep_are_made_up_for_once_or_skipped(desk: Desk) -> None:
    made_up, skipped = desk.add(), desk.add(missed="skip")
    desk.step(3 * DAY + 5 * HOUR)
    desk.step(1)
    assert desk.outcomes(made_up) == [("made_up", "done")] and desk.outcomes(skipped) == [("made_up", "skipped")]
    assert desk.worked.done == [made_up]
    assert desk.runs(skipped)[0].did == {"missed": 1}
    assert {desk.row(each).next_at for each in (made_up, skipped)} == {START + HOUR + 4 * DAY}


def test_two_that_are_due_in_the_same_second_both_run_the_higher_priority_first(desk: Desk) -> None:
    low, normal, high = (desk.add(priority=name) for name in ("low", "normal", "high"))
    desk.step(HOUR)
    assert desk.worked.done == [high, normal, low]


def test_a_clock_that_goes_back_and_forth_runs_nothing_twice_and_loses_nothing(desk: Desk) -> None:
    number = desk.add()
    desk.step(HOUR)
    for seconds in (-20.0, -HOUR, 2 * HOUR, -3 * HOUR, 3 * HOUR):
        desk.step(seconds)
    assert desk.worked.done == [number]
    desk.now = START + HOUR + DAY
    desk.step()
    assert desk.worked.done == [number, number]


def test_a_clock_that_was_a_year_ahead_loses_no_night(desk: Desk) -> None:
    desk.now = START + 365 * DAY
    desk.engine.plan(desk.now)
    number = desk.add()
    desk.step(2 * HOUR)
    desk.now = START
    desk.step()
    assert desk.row(number).next_at == START + HOUR
    desk.step(HOUR)
    assert len(desk.worked.done) == 2


def test_a_failed_run_is_tried_again_by_its_rule_and_then_given_up(desk: Desk) -> None:
    number = desk.add(retries=2, retry_seconds=60.0)
    desk.worked.raises = [UserError("no"), RuntimeError("broken"), UserError("no")]
    desk.step(HOUR)
    assert desk.row(number).retry_at == START + HOUR + 60
    desk.step(59)
    desk.step(1)
    assert desk.row(number).retry_at == START + HOUR + 60 + 120
    desk.step(120)
    assert desk.outcomes(number) == [("time", "failed"), ("retry", "failed"), ("retry", "failed")]
    assert [run.tries for run in desk.runs(number)] == [0, 1, 2]
    assert [(run.error or {})["code"] for run in desk.runs(number)] == ["invalid", "task_broke", "invalid"]
    row = desk.row(number)
    assert (row.retry_at, row.tries, row.next_at) == (None, 0, START + HOUR + DAY)
    desk.step(DAY)
    assert desk.outcomes(number)[-1] == ("made_up", "done") or desk.outcomes(number)[-1] == ("time", "done")


def test_a_try_that_works_ends_the_tries(desk: Desk) -> None:
    number = desk.add(retries=5)
    desk.worked.raises = [UserError("no")]
    desk.step(HOUR)
    desk.step(60)
    assert desk.outcomes(number) == [("time", "failed"), ("retry", "done")]
    assert (desk.row(number).retry_at, desk.row(number).tries) == (None, 0)


def test_a_kind_that_raises_leaves_the_others_alone(desk: Desk) -> None:
    bad, good = desk.add(priority="high"), desk.add()
    desk.worked.raises = [RuntimeError("broken")]
    desk.step(HOUR)
    assert desk.outcomes(bad) == [("time", "failed")] and desk.outcomes(good) == [("time", "done")]


def test_a_kill_between_claim_and_work_is_told_and_retried_and_the_time_is_not_claimed_again(desk: Desk) -> None:
    number, once = desk.add(retries=1), desk.add()
    desk.now += HOUR
    desk.engine.step()
    assert desk.worked.done == [] and {*desk.outcomes(number), *desk.outcomes(once)} == {("time", "running")}
    desk.restart()
    assert desk.outcomes(number) == desk.outcomes(once) == [("time", "interrupted")]
    assert (desk.runs(number)[0].error or {})["code"] == "schedule_interrupted"
    desk.step()
    desk.step(60)
    assert desk.worked.done == [number] and desk.outcomes(number)[-1] == ("retry", "done")
    assert desk.outcomes(once) == [("time", "interrupted")]


def test_a_kill_before_the_claim_loses_no_time(desk: Desk) -> None:
    number = desk.add(missed="skip")
    desk.now += HOUR
    desk.restart()
    desk.step()
    assert desk.worked.done == [number]


def test_an_end_of_the_server_during_a_run_interrupts_it(desk: Desk) -> None:
    number = desk.add(retries=1)
    desk.stopping = True
    desk.now += HOUR
    desk.engine.step()
    with pytest.raises(ShuttingDown):
        desk.work()
    desk.stopping = False
    desk.restart()
    desk.step(60)
    assert desk.outcomes(number) == [("time", "interrupted"), ("retry", "done")]


def test_work_in_one_transaction_with_its_end_is_done_exactly_once(desk: Desk) -> None:
    number = desk.add("written", retries=1)
    desk.now += HOUR
    desk.engine.step()
    run = desk.waiting[0]
    desk.work()
    # A thread that outlived the stop of its server does it again; its end is not written twice.
    run(lambda: None)
    count = desk.store.read().execute("SELECT count(*) FROM tags").fetchone()[0]
    assert desk.outcomes(number) == [("time", "done")] and count == 1


def test_a_task_does_the_work_and_its_end_is_that_of_the_run(desk: Desk) -> None:
    number = desk.add("tasked")
    desk.step(HOUR)
    (run,) = desk.runs(number)
    assert run.task_id is not None
    desk.tasks.wait(run.task_id)
    desk.step(1)
    (run,) = desk.runs(number)
    assert (run.outcome.value, run.did) == ("done", {"feeds": 4})
    assert desk.tasks.get(run.task_id or 0).detail["run"] == run.id


def test_a_task_that_broke_fails_the_run(desk: Desk) -> None:
    desk.long.fails = True
    number = desk.add("tasked", retries=1)
    desk.step(HOUR)
    desk.tasks.wait(desk.runs(number)[0].task_id or 0)
    desk.step(1)
    assert desk.outcomes(number) == [("time", "failed")] and desk.row(number).retry_at is not None


def test_after_a_kill_a_task_goes_on_and_so_does_its_run(desk: Desk) -> None:
    desk.tasks.stop()
    number = desk.add("tasked")
    desk.step(HOUR)
    desk.restart()
    assert desk.outcomes(number) == [("time", "running")]
    desk.tasks.start()
    desk.tasks.wait(desk.runs(number)[0].task_id or 0)
    desk.step(1)
    assert desk.outcomes(number) == [("time", "done")]


def test_a_task_that_is_gone_interrupts_its_run(desk: Desk) -> None:
    desk.tasks.stop()
    number = desk.add("tasked")
    desk.step(HOUR)
    desk.store.write(lambda db: db.execute("DELETE FROM tasks"))
    desk.step(1)
    assert desk.outcomes(number) == [("time", "interrupted")]


def test_nothing_to_do_is_done_at_once_and_what_cannot_begin_failed(desk: Desk) -> None:
    number = desk.add("tasked")
    desk.tasked.nothing = True
    desk.step(HOUR)
    desk.tasked.raises = UserError("no formats")
    desk.step(DAY)
    assert [outcome for _, outcome in desk.outcomes(number)] == ["done", "failed"]
    assert desk.tasks.listing() == []


def test_a_time_that_comes_while_the_run_before_it_goes_on_is_dropped(desk: Desk) -> None:
    number = desk.add(cron="* * * * *")
    desk.now += 60
    desk.engine.step()
    desk.now += 60
    desk.engine.step()
    assert len(desk.waiting) == 1 and desk.row(number).next_at == START + 180
    desk.work()
    assert desk.outcomes(number) == [("time", "done")]


def test_run_now_works_for_a_paused_one_and_moves_no_time(desk: Desk) -> None:
    number = desk.add(paused=True, retries=3)
    assert desk.row(number).next_at is None
    desk.step(DAY)
    assert desk.worked.done == []
    desk.worked.raises = [UserError("no")]
    desk.engine.run_now(number)
    with pytest.raises(ScheduleRunning):
        desk.engine.run_now(number)
    desk.work()
    desk.engine.run_now(number)
    desk.work()
    # What a person began is not tried again by itself.
    assert desk.outcomes(number) == [("hand", "failed"), ("hand", "done")] and desk.row(number).retry_at is None
    assert desk.row(number).next_at is None


def test_what_deletes_rests_while_the_library_has_shrunk(desk: Desk) -> None:
    desk.rests = True
    desk.step(HOUR - 1)
    desk.swept.clear()
    for _ in range(61):
        desk.step(60)
    names = {row.builtin: row.id for row in schedules.listing(desk.store.read()) if row.builtin}
    assert (
        desk.swept == ["nightly_backup", "exports"]
        or desk.swept == ["exports", "nightly_backup"]
        or set(desk.swept) == {"exports"}
    )
    assert desk.outcomes(names["trash"])[-1] == ("time", "skipped")
    assert (desk.runs(names["trash"])[-1].error or {})["code"] == "deletion_rests"


def test_a_schedule_of_an_unknown_kind_or_zone_harms_nobody(desk: Desk) -> None:
    number = desk.add()
    later = {"kind": "of_a_later_version", "cron": "* * * * *", "next_at": START + 1}
    desk.store.write(lambda db: schedules.add(db, later, now=START))
    desk.store.write(lambda db: schedules.change(db, number, {"zone": "Mars/Olympus"}))
    desk.step(HOUR)
    assert desk.worked.done == [number]


def test_a_claim_that_cannot_be_written_rests_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number, asked = desk.add(), []
    desk.step(HOUR - 2)

    def full(_self: Store, _change: object) -> None:
        asked.append(desk.now)
        raise DiskFull()

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", full)
        for _ in range(30):
            desk.step(1)
    assert len(asked) == len({row.id for row in schedules.due(desk.store.read(), now=desk.now)}) == 3
    desk.step(60)
    assert desk.worked.done == [number]


def test_the_settings_move_and_pause_the_nightly_backup(desk: Desk) -> None:
    row = next(row for row in schedules.listing(desk.store.read()) if row.builtin == "nightly_backup")
    assert (row.cron, row.next_at) == ("0 3 * * *", START + HOUR)
    desk.preferences.save(OWNER, "backup_hour", 5)
    desk.step(60)
    assert (desk.row(row.id).cron, desk.row(row.id).next_at) == ("0 5 * * *", START + 3 * HOUR)
    desk.preferences.save(OWNER, "backup_nightly", False)
    desk.step(60)
    assert desk.row(row.id).paused and desk.row(row.id).next_at is None


def test_what_is_missing_is_made_up_for_although_its_time_was_claimed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.add()
    desk.step(HOUR)
    monkeypatch.setattr(desk.worked, "overdue", lambda _: START + HOUR if len(desk.worked.done) < 2 else None)
    desk.step(HOUR)
    desk.step(HOUR)
    assert desk.outcomes(number) == [("time", "done"), ("made_up", "done")]


def test_seventy_two_hours_leave_a_bounded_history(desk: Desk) -> None:
    always = desk.add(cron="*/15 * * * *")
    desk.tasked.nothing = True
    for _ in range(72 * 4):
        desk.step(900)
    assert desk.worked.done.count(always) == 72 * 4
    rows = schedules.listing(desk.store.read())
    counts = [len(desk.runs(row.id)) for row in rows]
    assert max(counts) == schedule_runs.KEPT and len(desk.runs(always)) == schedule_runs.KEPT
    assert (desk.engine._resting, desk.engine._lines._lines, desk.waiting) == ({}, {}, [])


def test_the_last_lines_of_a_run_stand_in_its_history(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.add()
    monkeypatch.setattr(desk.worked, "run", lambda *_: logging.getLogger("test").warning("deleted %d", 7) or {})
    desk.step(HOUR)
    desk.step(1)
    assert desk.engine._lines not in logging.getLogger().handlers
    (line,) = desk.runs(number)[0].lines
    assert line.endswith("WARNING deleted 7")


def test_tasks_of_schedules_end_before_the_store_does(desk: Desk) -> None:
    number = desk.add("tasked")
    desk.engine.run_now(number)
    until(lambda: all(task.state is State.DONE for task in desk.tasks.listing()))
    desk.step(1)
    assert desk.outcomes(number) == [("hand", "done")]

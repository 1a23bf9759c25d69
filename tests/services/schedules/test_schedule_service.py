"""Schedules as pages and routes change them."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.accounts.actor import OWNER
from core.errors import Conflict, NotFound, UserError
from core.services.schedules import schedule_service
from core.store.feeds import feeds
from core.store.schedules import schedules
from tests.services.schedules.conftest import START, Desk

HOUR, DAY = 3600.0, 86_400.0


def test_a_change_of_the_zone_moves_the_next_time_and_the_last_one_is_not_repeated(desk: Desk) -> None:
    number = desk.add()
    desk.step(HOUR)
    # It is 03:00 in UTC and 04:00 in Berlin.
    moved = desk.service.change(OWNER, number, zone="Europe/Berlin").schedule
    assert moved.next_at == START + DAY
    back = desk.service.change(OWNER, number, zone="America/Sao_Paulo").schedule
    assert back.next_at == START + 4 * HOUR


def test_a_pause_forgets_tries_and_times_that_pass_in_it(desk: Desk) -> None:
    number = desk.add(retries=3)
    desk.worked.raises = [UserError("no")]
    desk.step(HOUR)
    paused = desk.service.change(OWNER, number, paused=True).schedule
    assert (paused.next_at, paused.retry_at) == (None, None)
    desk.step(3 * DAY)
    again = desk.service.change(OWNER, number, paused=False).schedule
    desk.step()
    assert again.next_at == START + 4 * DAY + HOUR and desk.worked.done == []


def test_a_new_name_leaves_the_plan_alone(desk: Desk) -> None:
    number = desk.add(retries=3)
    desk.worked.raises = [UserError("no")]
    desk.step(HOUR)
    before = desk.row(number)
    after = desk.service.change(OWNER, number, name="  Night   work ").schedule
    assert (after.name, after.next_at, after.retry_at) == ("Night work", before.next_at, before.retry_at)


def test_a_deleted_one_can_be_brought_back_for_a_day(desk: Desk) -> None:
    number = desk.add()
    desk.service.remove(OWNER, number)
    desk.step(DAY - 1)
    assert desk.worked.done == []
    assert desk.service.restore(OWNER, number).schedule.next_at == START + DAY + HOUR
    assert desk.service.restore(OWNER, number).schedule.id == number
    desk.service.remove(OWNER, number)
    desk.step(DAY + 61)
    with pytest.raises(NotFound):
        desk.service.restore(OWNER, number)
    with pytest.raises(NotFound):
        desk.service.remove(OWNER, number)


def test_there_is_an_end_to_schedules(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_service, "MOST", len(schedules.listing(desk.store.read())) + 1)
    desk.add()
    with pytest.raises(Conflict):
        desk.add()


def test_the_kinds_of_a_person_and_the_next_feeds(desk: Desk) -> None:
    assert desk.service.own_kinds(OWNER) == ["worked", "written", "tasked"]
    for n in (3, 1, 2):
        desk.store.write(partial(feeds.add, values={"url": f"https://{n}.example/", "title": str(n), "next_poll_at": n}, now=0.0))
    assert [feed.title for feed in desk.service.next_feeds(OWNER, limit=2)] == ["1", "2"]


def test_a_paused_loop_is_told(desk: Desk) -> None:
    polls = next(row for row in desk.service.listing(OWNER) if row.schedule.builtin == "polls")
    assert (polls.words, polls.running, desk.service.paused(OWNER, "polls")) == ("", False, False)
    desk.service.change(OWNER, polls.schedule.id, paused=True)
    assert desk.service.paused(OWNER, "polls") and not desk.service.paused(OWNER, "index")


def test_a_row_tells_its_words_and_its_last_run(desk: Desk) -> None:
    number = desk.add(cron="30 18 * * fri")
    assert str(desk.service.get(OWNER, number).words) == "every Friday at 18:30"
    desk.service.run(OWNER, number)
    assert desk.service.get(OWNER, number).running
    desk.work()
    row = desk.service.get(OWNER, number)
    assert row.last and not row.running and [run.id for run in desk.service.runs(OWNER, number)] == [row.last.id]

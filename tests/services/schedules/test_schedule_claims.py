"""The transactions of a run, where threads compete for the same time."""

from __future__ import annotations

from functools import partial

from core.domain.schedules.schedule import RunOutcome
from core.services.schedules import schedule_claims
from core.services.schedules.zones import zone_of
from core.store.schedules import schedules
from tests.services.schedules.conftest import Desk

HOUR = 3600.0


def test_a_time_is_claimed_once_and_a_run_ends_once(desk: Desk) -> None:
    number = desk.add(retries=3)
    claim = partial(schedule_claims.claim, schedule_id=number, zone=zone_of("UTC"))
    assert desk.store.write(partial(claim, now=desk.now)) is None
    run = desk.store.write(partial(claim, now=desk.now + HOUR))
    assert run and desk.store.write(partial(claim, now=desk.now + HOUR)) is None
    for outcome in (RunOutcome.DONE, RunOutcome.FAILED):
        desk.store.write(partial(schedule_claims.finish, run=run, outcome=outcome, now=desk.now + HOUR))
    assert desk.outcomes(number) == [("time", "done")] and desk.row(number).retry_at is None


def test_what_was_removed_or_paused_meanwhile_is_not_claimed_nor_tried_again(desk: Desk) -> None:
    number = desk.add(retries=3)
    run = desk.engine.run_now(number)
    desk.store.write(partial(schedules.remove, schedule_id=number, now=1.0))
    claim = partial(schedule_claims.claim, schedule_id=number, zone=zone_of("UTC"), now=desk.now + HOUR)
    assert desk.store.write(claim) is None
    desk.store.write(partial(schedule_claims.finish, run=run, outcome=RunOutcome.FAILED, now=desk.now))
    assert desk.row(number).retry_at is None
    desk.store.write(partial(schedules.change, schedule_id=number, values={"deleted_at": None, "paused": True}))
    assert desk.store.write(claim) is None and desk.store.write(partial(claim, schedule_id=999)) is None

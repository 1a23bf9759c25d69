"""Missed times, clocks that jump, and tries after a failure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from core.domain.schedules.cron import Cron
from core.domain.schedules.schedule import Missed
from core.domain.schedules.timetable import DAY, GRACE, MOST_WAIT, Turn, replanned, retry_at, turn

NIGHTLY, QUARTER, LEAP = Cron.of("0 3 * * *"), Cron.of("*/15 * * * *"), Cron.of("0 0 29 2 *")
THREE = datetime(2027, 1, 10, 3, tzinfo=UTC).timestamp()
HOUR = 3600.0


def decided(cron: Cron, next_at: float, now: float, missed: Missed = Missed.ONCE, zone: tzinfo = UTC) -> Turn:
    return turn(cron, zone, next_at=next_at, now=now, missed=missed)


@pytest.mark.parametrize("missed", Missed)
def test_a_time_that_has_just_come_runs_under_either_rule(missed: Missed) -> None:
    for late in (0.0, 1.0, GRACE):
        assert decided(NIGHTLY, THREE, THREE + late, missed) == Turn(THREE, False, True, THREE + DAY)


def test_three_nights_asleep_are_made_up_for_once_or_skipped() -> None:
    awake = THREE + 3 * DAY + 5 * HOUR
    assert decided(NIGHTLY, THREE, awake) == Turn(THREE + 3 * DAY, True, True, THREE + 4 * DAY)
    assert decided(NIGHTLY, THREE, awake, Missed.SKIP) == Turn(THREE + 3 * DAY, True, False, THREE + 4 * DAY)


def test_awake_again_at_its_very_time_it_is_not_late() -> None:
    assert decided(NIGHTLY, THREE, THREE + 3 * DAY + 2, Missed.SKIP) == Turn(THREE + 3 * DAY, False, True, THREE + 4 * DAY)


def test_years_asleep_are_over_at_once() -> None:
    awake = THREE + 4000 * DAY + 60
    assert decided(QUARTER, THREE, awake) == Turn(awake - 60, False, True, awake + 840)
    leap = LEAP.after(THREE, UTC)
    assert leap
    asleep = decided(LEAP, leap, leap + 1500 * DAY, Missed.SKIP)
    assert datetime.fromtimestamp(asleep.due_at, UTC).year == 2032 and asleep.late and not asleep.run


def test_a_schedule_planned_by_another_expression_keeps_its_time() -> None:
    assert decided(LEAP, THREE, THREE + 10).due_at == THREE


def test_a_clock_set_back_a_little_repeats_no_run() -> None:
    claimed = THREE
    assert replanned(NIGHTLY, UTC, next_at=THREE + DAY, last_at=claimed, now=THREE - 20) == THREE + DAY
    assert replanned(NIGHTLY, UTC, next_at=THREE + DAY, last_at=claimed, now=THREE - DAY) == THREE + DAY


def test_a_clock_that_was_far_ahead_loses_no_run() -> None:
    wrong = THREE + 400 * DAY
    assert replanned(NIGHTLY, UTC, next_at=wrong + DAY, last_at=wrong, now=THREE - HOUR) == THREE
    assert replanned(NIGHTLY, UTC, next_at=wrong, last_at=None, now=THREE - HOUR) == THREE


def test_a_time_that_has_passed_stays_to_be_made_up_for() -> None:
    assert replanned(NIGHTLY, UTC, next_at=THREE, last_at=None, now=THREE + 9 * DAY) == THREE


def test_a_new_zone_moves_the_next_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert replanned(NIGHTLY, berlin, next_at=THREE + DAY, last_at=THREE, now=THREE + 60) == THREE + DAY - HOUR


def test_a_first_plan_is_the_next_time() -> None:
    assert replanned(NIGHTLY, UTC, next_at=None, last_at=None, now=THREE) == THREE + DAY


def test_waits_between_tries_double_up_to_four_hours_unless_the_first_is_longer() -> None:
    waits = [retry_at(tries=n, retries=20, first=60.0, now=0.0) for n in range(10)]
    assert waits == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3840.0, 7680.0, MOST_WAIT, MOST_WAIT]
    assert retry_at(tries=3, retries=4, first=DAY, now=5.0) == DAY + 5
    assert retry_at(tries=1000, retries=2000, first=60.0, now=0.0) == MOST_WAIT


def test_after_the_last_try_and_without_a_rule_there_is_no_other() -> None:
    assert retry_at(tries=0, retries=0, first=60.0, now=0.0) is None
    assert retry_at(tries=2, retries=2, first=60.0, now=0.0) is None

"""Days, weeks, medians: pure decisions behind the figures."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.episodes.statistics import Standing, TranscriptionRun, last_days, last_weeks, median_factor, standing
from core.domain.feeds.feed import Feed

BERLIN = ZoneInfo("Europe/Berlin")


def at(*moment: int, zone: ZoneInfo = BERLIN) -> float:
    return datetime(*moment, tzinfo=zone).timestamp()  # type: ignore[arg-type, misc]


def test_days_run_from_midnight_to_midnight_where_the_reader_is() -> None:
    now = at(2026, 11, 22, 0, 30)
    days = last_days(now, BERLIN, 3)
    assert [day.start for day in days] == [at(2026, 11, number) for number in (20, 21, 22)]
    assert days[-1].end == at(2026, 11, 23)
    assert all(before.end == after.start for before, after in itertools.pairwise(days))
    # For somebody in New York it is still the day before.
    new_york = ZoneInfo("America/New_York")
    assert last_days(now, new_york, 1)[0].start == at(2026, 11, 21, zone=new_york)


def test_the_days_on_which_the_clocks_change_are_shorter_and_longer() -> None:
    spring, autumn = last_days(at(2026, 3, 29, 12), BERLIN, 1)[0], last_days(at(2026, 10, 25, 12), BERLIN, 1)[0]
    assert (spring.end - spring.start, autumn.end - autumn.start) == (23 * 3600, 25 * 3600)


def test_weeks_begin_on_monday() -> None:
    weeks = last_weeks(at(2026, 11, 22, 12), BERLIN, 2)  # a Sunday
    assert [week.start for week in weeks] == [at(2026, 11, 9), at(2026, 11, 16)]
    assert weeks[-1].end == at(2026, 11, 23)


def test_without_a_zone_the_clock_of_this_computer_counts() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    (today,) = last_days(now, None, 1)
    assert datetime.fromtimestamp(today.start).time().isoformat() == "00:00:00"
    assert today.start <= now < today.end


@pytest.mark.parametrize(("walls", "median"), [([], None), ([60.0], 0.1), ([60.0, 600.0, 6.0], 0.1), ([60.0, 120.0], 0.15)])
def test_the_median_is_not_moved_by_one_slow_run(walls: list[float], median: float | None) -> None:
    runs = [TranscriptionRun(0.0, 600.0, wall, "m", "cpu", "int8") for wall in walls]
    assert median_factor(runs) == (None if median is None else pytest.approx(median))


def test_a_month_of_days_and_a_quarter_of_weeks_are_shown() -> None:
    now = at(2026, 11, 22, 12)
    assert (len(last_days(now, BERLIN)), len(last_weeks(now, BERLIN))) == (30, 12)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"next_poll_at": 2000.0}, "fine"),
        ({"next_poll_at": 1000.0}, "due"),
        ({"next_poll_at": 1000.0, "url": "inbox:shelf"}, "fine"),
        ({"next_poll_at": 1000.0, "error": {"code": "x", "params": {"status": 410}}}, "gone"),
        ({"next_poll_at": 1000.0, "error": {"code": "x", "params": {"status": 404}}}, "failing"),
        ({"next_poll_at": 1000.0, "error": {"code": "x"}}, "failing"),
    ],
)
def test_a_feed_fails_is_gone_is_due_or_is_fine(columns: dict[str, Any], expected: Standing) -> None:
    assert (
        standing(Feed(**{"id": 1, "url": "https://a.example/feed", "title": "A", "created_at": 0.0} | columns), 1000.0)
        == expected
    )

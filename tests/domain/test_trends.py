from __future__ import annotations

import pytest

from core.domain.trends import DAY, LEAST_DAYS, TrendPoint, Unlike, full_in, grouped, slopes, unlike

NOW = 100 * DAY


def days(*values: float) -> list[TrendPoint]:
    """Return one point a day, the last one today."""
    return [TrendPoint(NOW - (len(values) - 1 - number) * DAY, value) for number, value in enumerate(values)]


def test_a_disk_that_fills_evenly_is_full_when_the_line_says() -> None:
    assert full_in(days(100, 90, 80, 70, 60), NOW) == pytest.approx(6.0)


def test_one_odd_day_does_not_change_the_forecast() -> None:
    assert full_in(days(110, 100, 90, 80, 20, 60, 50, 40, 30, 20), NOW) == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(
    "values",
    [
        (100, 90, 80, 70),
        (60, 70, 80, 90, 100),
        (50, 50, 50, 50, 50),
        (100, 40, 90, 30, 80, 20),
        (100, 99.9, 99.8, 99.7, 99.6),
    ],
)
def test_it_says_nothing_when_unsure_or_far_away(values: tuple[float, ...]) -> None:
    assert full_in(days(*values), NOW) is None


def test_days_of_long_ago_do_not_count() -> None:
    old = [TrendPoint(point.at - 40 * DAY, point.value) for point in days(*range(500, 100, -10))]
    assert full_in(old, NOW) is None
    assert full_in([*old, *days(*[90.0] * LEAST_DAYS)], NOW) is None


def test_a_full_disk_is_full_now() -> None:
    assert full_in(days(40, 30, 20, 10, 0), NOW) == 0.0


def test_two_points_at_the_same_time_have_no_slope() -> None:
    assert slopes([TrendPoint(1.0, 1.0), TrendPoint(1.0, 5.0), TrendPoint(2.0, 3.0)]) == [-2.0, 2.0]


QUIET = [10.0, 11.0, 9.0, 10.0, 12.0, 8.0, 10.0, 11.0, 9.0, 10.0, 10.0, 12.0, 9.0, 11.0]


@pytest.mark.parametrize(("today", "odd"), [(10.0, False), (14.0, False), (15.9, False), (16.1, True), (40.0, True), (0.0, True)])
def test_a_day_is_unlike_the_others_only_if_it_is_far_off(today: float, odd: bool) -> None:
    assert unlike(today, QUIET) == (Unlike(today, 10.0) if odd else None)


def test_two_weeks_are_needed() -> None:
    assert unlike(1000.0, QUIET[:-1]) is None


def test_days_that_are_all_the_same_make_no_alarm_of_a_trifle() -> None:
    assert unlike(1.0, [0.0] * 20) is None
    assert unlike(14.0, [10.0] * 20) is None
    assert unlike(16.0, [10.0] * 20) == Unlike(16.0, 10.0)


def test_points_are_grouped_by_their_means() -> None:
    points = [TrendPoint(0.0, 1.0), TrendPoint(10.0, 3.0), TrendPoint(65.0, 5.0)]
    assert grouped(points, 60.0) == [TrendPoint(0.0, 2.0), TrendPoint(60.0, 5.0)]
    assert grouped([], 60.0) == []

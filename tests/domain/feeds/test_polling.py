from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from core.domain.feeds.polling import (
    DAY,
    HOUR,
    IMPOSSIBLE,
    LATEST,
    LEAST,
    PollAnswer,
    Rhythm,
    asks_anew,
    interval,
    is_due,
    next_poll,
)

NOW = 1_750_000_000.0


def every(gap: float, count: int = 20, *, silence: float = 0.0) -> Rhythm:
    return Rhythm.of(NOW - silence - n * gap for n in range(count))


@pytest.mark.parametrize(
    ("gap", "wait"),
    [(HOUR, LEAST), (8 * HOUR, 20 * 60.0), (DAY, HOUR), (7 * DAY, 7 * HOUR), (365 * DAY, DAY)],
)
def test_a_feed_is_asked_as_often_as_it_publishes(gap: float, wait: float) -> None:
    assert every(gap).interval(NOW) == pytest.approx(wait)


def test_the_rhythm_is_that_of_the_newest_dozen_of_gaps() -> None:
    daily = [NOW - n * DAY for n in range(7)]
    weekly = [daily[-1] - n * 7 * DAY for n in range(1, 20)]
    assert Rhythm.of(daily + weekly).gap == 4 * DAY


def test_silence_is_unusual_past_twice_the_longest_that_there_was() -> None:
    with_a_holiday = [NOW - n * DAY - (20 * DAY if n > 3 else 0) for n in range(8)]
    rhythm = Rhythm.of(with_a_holiday)
    assert rhythm.silence(NOW + 42 * DAY) is None
    assert rhythm.silence(NOW + 43 * DAY) == 43 * DAY


def test_silence_is_unusual_past_four_usual_gaps_and_a_week() -> None:
    assert every(10 * DAY).silence(NOW + 40 * DAY) is None
    assert every(10 * DAY).silence(NOW + 40 * DAY + 1) == 40 * DAY + 1
    assert every(HOUR).silence(NOW + 7 * DAY) is None
    assert every(HOUR).silence(NOW + 7 * DAY + 1) == 7 * DAY + 1
    assert every(DAY, count=4).silence(NOW + 400 * DAY) == 400 * DAY
    assert every(DAY, count=3).silence(NOW + 400 * DAY) is None


def test_one_that_fell_silent_is_asked_less_often_and_at_least_daily() -> None:
    assert every(DAY, silence=2 * DAY).interval(NOW) == pytest.approx(2 * HOUR)
    assert every(DAY, silence=400 * DAY).interval(NOW) == DAY


def test_the_newest_gaps_count_and_a_batch_at_once_is_no_rhythm() -> None:
    weekly_now_daily = [*(NOW - n * DAY for n in range(13)), *(NOW - 13 * DAY - n * 7 * DAY for n in range(200))]
    assert Rhythm.of(weekly_now_daily).gap == DAY
    assert Rhythm.of([NOW] * 50) == Rhythm(None, NOW)
    assert Rhythm.of([NOW, NOW, NOW - DAY, NOW - DAY]).gap == DAY


def test_without_dates_a_feed_is_asked_hourly() -> None:
    assert Rhythm.of([]).interval(NOW) == Rhythm.of([None, None]).interval(NOW) == HOUR


def test_dates_in_the_future_and_a_clock_in_the_past_do_no_harm() -> None:
    assert Rhythm.of([NOW + 30 * DAY, NOW + 29 * DAY]).interval(NOW) == pytest.approx(HOUR)
    assert every(DAY).interval(0.0) == pytest.approx(HOUR)
    assert LEAST <= every(DAY).interval(1e12) <= DAY


def test_what_the_publisher_asks_for_only_ever_lengthens() -> None:
    daily = every(DAY)
    assert interval(NOW, daily, PollAnswer(ttl=2 * HOUR)) == 2 * HOUR
    assert interval(NOW, daily, PollAnswer(max_age=600.0)) == pytest.approx(HOUR)
    assert interval(NOW, daily, PollAnswer(max_age=3 * HOUR)) == 3 * HOUR
    assert interval(NOW, daily, PollAnswer(ttl=1e9)) == interval(NOW, daily, PollAnswer(retry_after=1e9)) == DAY


def test_the_users_own_interval_takes_the_place_of_the_feeds() -> None:
    assert interval(NOW, every(365 * DAY), PollAnswer(), minutes=60) == HOUR
    assert interval(NOW, every(HOUR), PollAnswer(ttl=2 * HOUR), minutes=60) == 2 * HOUR
    assert interval(NOW, every(HOUR), PollAnswer(), minutes=0.01) == 60.0
    assert interval(NOW, every(HOUR), PollAnswer(), minutes=1e6) == DAY


def test_failures_back_off_from_an_hour_at_most_and_never_end() -> None:
    daily, yearly, hourly = every(DAY), every(365 * DAY), every(HOUR)
    assert [interval(NOW, daily, PollAnswer(failed=True, failures=n)) / HOUR for n in (1, 2, 3, 6, 10_000)] == [1, 2, 4, 24, 24]
    assert interval(NOW, yearly, PollAnswer(failed=True, failures=1)) == HOUR
    assert interval(NOW, hourly, PollAnswer(failed=True, failures=1)) == LEAST
    assert interval(NOW, daily, PollAnswer(failed=True, failures=0)) == pytest.approx(HOUR)


def test_retry_after_is_kept_even_when_it_is_the_only_failure() -> None:
    assert interval(NOW, every(HOUR), PollAnswer(failed=True, failures=1, retry_after=5400.0)) == 5400.0


def test_jitter_spreads_and_stays_within_a_tenth() -> None:
    assert next_poll(NOW, every(DAY), PollAnswer(), jitter=0.0) == pytest.approx(NOW + HOUR)
    assert next_poll(NOW, every(DAY), PollAnswer(), jitter=1.0) == pytest.approx(NOW + 1.1 * HOUR)


def test_a_next_poll_that_no_decision_made_is_due() -> None:
    latest = next_poll(NOW, Rhythm(), PollAnswer(ttl=1e9, retry_after=1e9, failed=True, failures=99), jitter=1.0)
    assert latest == pytest.approx(NOW + LATEST)
    assert not is_due(latest, NOW)
    assert is_due(NOW + IMPOSSIBLE + 1, NOW), "written while the clock was years ahead"
    assert is_due(NOW, NOW) and is_due(0.0, NOW)


def test_summer_time_neither_skips_nor_repeats_a_poll() -> None:
    """Across the night in which the clocks of a place change, polls come an hour of real time apart."""
    berlin = ZoneInfo("Europe/Berlin")
    for night in (datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 10, 25, tzinfo=berlin)):
        at, polls = night.timestamp(), []
        while at < night.timestamp() + 6 * HOUR:
            polls.append(at)
            at = next_poll(at, Rhythm(), PollAnswer())
        assert [later - earlier for earlier, later in pairwise(polls)] == [HOUR] * 5


def test_a_poll_goes_without_conditions_after_a_failure_and_once_a_week() -> None:
    week = 7 * 24 * 3600.0
    for offset in (0.0, 7919.0, 5e6):
        asked, last, times = 0, 1e9, int(10 * week / 3600)
        for hour in range(1, times + 1):
            now = 1e9 + hour * 3600.0
            asked += asks_anew(now, last, 0, offset=offset)
            last = now
        assert asked == 10
    assert not asks_anew(10 * week - 1, 10 * week - 2, 0)
    assert asks_anew(10 * week, 10 * week - 1, 0)
    assert asks_anew(1e9, 1e9 - 1, 1)
    assert asks_anew(1e9, None, 0)

"""Cron expressions: what is refused and why, the calendar's odd days, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.schedules.cron import Cron
from core.errors import BadCron

BERLIN, SAO_PAULO, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"))


def shown(text: str, start: str, zone: ZoneInfo, count: int = 2) -> list[str]:
    """Return the next times in their zone. `start` is a local time; one with an offset is that moment."""
    at = datetime.fromisoformat(start)
    moment = (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
    return [datetime.fromtimestamp(each, zone).isoformat() for each in Cron.of(text).times(moment, zone, count)]


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("", "fields"),
        ("0 3 * *", "fields"),
        ("0 0 3 * * *", "fields"),
        ("@reboot", "fields"),
        ("0 3 * * " + ",".join("1" * 60), "fields"),
        ("61 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("0 25 * * *", "hour"),
        ("0 0 32 * *", "day"),
        ("0 0 0 * *", "day"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * FOO", "weekday"),
        ("0 0 * * L", "weekday"),
        ("0 0 30 2 *", "never"),
        ("0 0 31 2,4,6,9,11 *", "never"),
    ],
)
def test_what_is_no_expression_or_never_comes_says_which_field_is_wrong(text: str, case: str) -> None:
    with pytest.raises(BadCron) as raised:
        Cron.of(text)
    assert raised.value.params["case"] == f"cron_{case}" and len(raised.value.detail) < 300


def test_what_never_comes_is_told_from_a_day_that_some_weekday_saves() -> None:
    assert shown("0 0 30 2 MON", "2027-01-30T00:00", BERLIN, 1) == ["2027-02-01T00:00:00+01:00"]


def test_names_spaces_and_aliases_are_read() -> None:
    assert Cron.of("  30  18 * *   Fri ").text == "30 18 * * Fri"
    assert shown("30 18 * dec Fri", "2026-12-01T00:00", BERLIN, 1) == ["2026-12-04T18:30:00+01:00"]
    assert shown("@Daily", "2026-12-01T00:00", BERLIN) == ["2026-12-02T00:00:00+01:00", "2026-12-03T00:00:00+01:00"]


def test_days_that_few_months_have() -> None:
    days = shown("0 0 31 * *", "2027-01-01T00:00", BERLIN, 4)
    assert [day[:10] for day in days] == ["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31"]
    assert [day[:10] for day in shown("0 0 29 2 *", "2026-01-01T00:00", BERLIN)] == ["2028-02-29", "2032-02-29"]
    assert [day[:10] for day in shown("0 0 L * *", "2027-01-31T12:00", BERLIN)] == ["2027-02-28", "2027-03-31"]


def test_a_fixed_time_in_the_missing_hour_comes_right_after_it_and_once() -> None:
    found = shown("30 2 * * *", "2027-03-27T12:00", BERLIN)
    assert found == ["2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"]
    # Midnight itself was missing there.
    found = shown("0 0 * * *", "2018-11-03T12:00", SAO_PAULO)
    assert found == ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]


@pytest.mark.parametrize("start", ["2027-10-31T02:30:00+02:00", "2027-10-31T02:45:00+02:00", "2027-10-31T02:20:00+01:00"])
def test_a_fixed_time_in_the_doubled_hour_comes_once(start: str) -> None:
    assert shown("30 2 * * *", "2027-10-30T12:00", BERLIN, 1) == ["2027-10-31T02:30:00+02:00"]
    assert shown("30 2 * * *", start, BERLIN, 1) == ["2027-11-01T02:30:00+01:00"]


def test_a_fixed_time_of_midnight_that_came_twice() -> None:
    found = shown("30 23 * * *", "2018-02-17T12:00", SAO_PAULO)
    assert found == ["2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"]


def test_an_interval_keeps_to_real_time_when_clocks_change() -> None:
    for start in ("2027-03-28T00:00", "2027-10-31T00:00"):
        moment = datetime.fromisoformat(start).replace(tzinfo=BERLIN).timestamp()
        times = Cron.of("*/15 * * * *").times(moment, BERLIN, 40)
        assert {later - earlier for earlier, later in pairwise(times)} == {900.0}


def test_a_zone_whose_clocks_change_by_half_an_hour() -> None:
    assert shown("15 2 * * *", "2026-10-03T12:00", LORD_HOWE, 1) == ["2026-10-04T02:30:00+11:00"]


def test_the_next_time_is_later_than_now_even_by_a_part_of_a_second() -> None:
    noon = datetime(2027, 1, 1, 12, tzinfo=UTC).timestamp()
    every = Cron.of("* * * * *")
    assert [every.after(noon + part, UTC) for part in (-0.5, 0.0, 0.5, 59.5)] == [noon, noon + 60, noon + 60, noon + 60]


PART = st.sampled_from(
    ["*", "1", "29", "5-9", "1-5/2", "*/7", "*/1", "L", "LW", "5L", "MON", "MON#5", "7", "0", "JAN", "x", "1,2", "-", "/"]
)


@given(st.lists(PART, min_size=1, max_size=6), st.floats(0, 2**31), st.sampled_from([BERLIN, SAO_PAULO, UTC]))
def test_whatever_is_typed_is_refused_or_comes_later_than_now(parts: list[str], moment: float, zone: ZoneInfo) -> None:
    try:
        cron = Cron.of(" ".join(parts))
    except BadCron:
        return
    times = cron.times(moment, zone, 3)
    assert len(times) == 3 and moment < times[0] < times[1] < times[2]

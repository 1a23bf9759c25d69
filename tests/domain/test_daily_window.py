"""A stretch of the day, also in the nights in which clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.daily_window import DAY_MINUTES, within

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


def found(start: str, end: str, moment: float) -> tuple[str, str] | None:
    """Return the day of the beginning, and the end as UTC's offset and time."""
    minutes = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    here = within(*minutes, moment, BERLIN)
    return here and (f"{here.day:%a}", datetime.fromtimestamp(here.end, BERLIN).isoformat())


@pytest.mark.parametrize(
    ("start", "end", "moment", "said"),
    [
        ("18:00", "23:00", at("2027-01-04T17:59:59"), None),
        ("18:00", "23:00", at("2027-01-04T18:00"), ("Mon", "2027-01-04T23:00:00+01:00")),
        ("18:00", "23:00", at("2027-01-04T23:00"), None),
        ("22:00", "06:00", at("2027-01-08T22:00"), ("Fri", "2027-01-09T06:00:00+01:00")),
        ("22:00", "06:00", at("2027-01-09T05:59"), ("Fri", "2027-01-09T06:00:00+01:00")),
        ("22:00", "00:00", at("2027-01-08T23:59"), ("Fri", "2027-01-09T00:00:00+01:00")),
        ("10:00", "10:00", at("2027-01-08T10:00"), None),
        # Clocks go from 02:00 to 03:00: what is left of it is rested.
        ("02:30", "03:15", at("2027-03-28T01:59"), None),
        ("02:30", "03:15", at("2027-03-28T03:00"), ("Sun", "2027-03-28T03:15:00+02:00")),
        ("23:00", "06:00", at("2027-03-27T23:30"), ("Sat", "2027-03-28T06:00:00+02:00")),
        # The hour from 02:00 comes twice.
        ("01:00", "02:30", at("2027-10-31T01:00"), ("Sun", "2027-10-31T02:30:00+02:00")),
        ("01:00", "02:30", at("2027-10-31T02:10", fold=1), ("Sun", "2027-10-31T02:30:00+01:00")),
        ("01:00", "02:30", at("2027-10-31T02:30", fold=1), None),
    ],
)
def test_a_stretch_is_told_by_the_clock(start: str, end: str, moment: float, said: tuple[str, str] | None) -> None:
    assert found(start, end, moment) == said


@given(
    st.integers(0, DAY_MINUTES - 1),
    st.integers(0, DAY_MINUTES - 1),
    st.floats(1.7e9, 2.0e9),
    st.sampled_from(("Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")),
)
def test_its_end_is_ahead_and_within_a_day_and_the_clocks_change(start: int, end: int, moment: float, name: str) -> None:
    here = within(start, end, moment, ZoneInfo(name))
    assert here is None or 0 < here.end - moment <= (DAY_MINUTES + 60) * 60
    if start == end:
        assert here is None

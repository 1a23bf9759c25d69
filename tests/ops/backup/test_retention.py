from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from core.ops.backup.retention import DAY, dispensable, due, has_shrunk, last_appointment, next_appointment

NOW = datetime(2026, 3, 10, 12, 0).timestamp()


@dataclass(frozen=True)
class Row:
    kind: str
    created_at: float
    error: str | None = None
    bytes: int = 100
    library: str = ""
    counts: Mapping[str, int] = field(default_factory=dict, hash=False)


def days_ago(*days: float, kind: str = "nightly") -> list[Row]:
    return [Row(kind, NOW - d * DAY) for d in days]


def test_the_newest_stay() -> None:
    assert dispensable(days_ago(0, 1, 2, 3), keep=2, now=NOW) == days_ago(2, 3)


def test_what_cannot_be_read_does_not_count_as_kept() -> None:
    broken = Row("nightly", NOW - 0.5 * DAY, "damaged")
    rows = [broken, *days_ago(1, 2, 3)]
    assert dispensable(rows, keep=2, now=NOW) == days_ago(3)
    assert dispensable([*days_ago(0, 0.2), broken], keep=2, now=NOW) == [broken]


def test_the_last_good_one_always_stays() -> None:
    rows = [Row("nightly", NOW - d * DAY, "damaged") for d in range(5)] + days_ago(90)
    assert dispensable(rows, keep=1, now=NOW) == []


def test_a_backup_of_fewer_than_half_of_the_episodes_has_shrunk_however_large_it_is() -> None:
    def holding(**counts: int) -> Row:
        return Row("nightly", NOW, counts=counts)

    assert has_shrunk(holding(episodes=4), holding(episodes=10))
    assert not has_shrunk(holding(episodes=5), holding(episodes=10))
    assert not has_shrunk(holding(), holding(episodes=10)) and not has_shrunk(holding(episodes=1), holding())


def test_the_next_backup_is_at_the_full_hour() -> None:
    noon = datetime(2026, 3, 10, 12, 34, 56, 789)
    assert next_appointment(noon.timestamp(), 13) == datetime(2026, 3, 10, 13).timestamp()
    assert next_appointment(noon.timestamp(), 12) == datetime(2026, 3, 11, 12).timestamp()
    assert last_appointment(noon.timestamp(), 12) == datetime(2026, 3, 10, 12).timestamp()


def sized(*sizes: int) -> list[Row]:
    """A night each, newest first."""
    return [Row("nightly", NOW - day * DAY, bytes=size) for day, size in enumerate(sizes)]


def test_nights_with_an_empty_library_do_not_push_out_the_last_full_one() -> None:
    for nights in range(1, 60):
        rows = [*sized(*[10] * nights), *[Row("nightly", NOW - (nights + n) * DAY, bytes=900 + n) for n in range(3)]]
        gone = dispensable(rows, keep=2, now=NOW)
        assert rows[nights] not in gone, nights
        assert len(rows) - len(gone) <= 3


def test_the_newest_full_one_is_the_one_that_stays() -> None:
    rows = sized(10, 10, 500, 900)
    assert dispensable(rows, keep=2, now=NOW) == rows[3:]


def test_a_library_that_was_tidied_up_or_grew_keeps_no_more_than_before() -> None:
    for sizes in [(60, 60, 100), (100, 100, 10), (100, 100, 100), (10, 90, 100)]:
        rows = sized(*sizes)
        assert dispensable(rows, keep=2, now=NOW) == rows[2:], sizes


def test_a_full_one_that_cannot_be_read_is_not_kept_for_its_size() -> None:
    rows = [*sized(10, 10), Row("nightly", NOW - 5 * DAY, "damaged", 900), Row("nightly", NOW - 6 * DAY, bytes=800)]
    assert dispensable(rows, keep=2, now=NOW) == [rows[2]]


@pytest.mark.parametrize("kind", ["restore-point", "migration"])
def test_restore_points_and_migrations_stay_for_two_weeks_and_three_for_ever(kind: str) -> None:
    assert dispensable(days_ago(1, 2, 3, 4, 5, kind=kind), keep=1, now=NOW) == []
    assert dispensable(days_ago(1, 15, 16, 17, 90, kind=kind), keep=1, now=NOW) == days_ago(17, 90, kind=kind)
    assert dispensable(days_ago(20, 30, 40, kind=kind), keep=1, now=NOW) == []
    rows = [*days_ago(1, 2, 3, 14, kind=kind), Row(kind, NOW - 14 * DAY - 1)]
    assert dispensable(rows, keep=1, now=NOW) == rows[4:]


@pytest.mark.parametrize("kind", ["manual", "imported"])
def test_what_a_person_made_stays(kind: str) -> None:
    assert dispensable(days_ago(*range(100), kind=kind), keep=1, now=NOW) == []


def test_the_appointment_is_the_newest_that_has_passed() -> None:
    assert last_appointment(NOW, 3) == datetime(2026, 3, 10, 3).timestamp()
    assert last_appointment(NOW, 12) == NOW
    assert last_appointment(NOW, 13) == datetime(2026, 3, 9, 13).timestamp()


def test_due_once_an_appointment() -> None:
    last = last_appointment(NOW, 3)
    assert due(NOW, 3, last - 1, None)
    assert not due(NOW, 3, last, None)
    assert not due(NOW, 3, None, None), "an empty library"
    assert due(NOW, 3, None, last - 1)
    assert not due(NOW, 3, None, last + 1), "a library that began this morning has its first one tonight"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3])
def test_when_the_clocks_change_it_is_still_one_a_day(monkeypatch: pytest.MonkeyPatch, zone: str, hour: int) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        start = datetime(2026, 1, 1, 12).timestamp()
        newest, made = start, 0
        for minute in range(0, 365 * 24 * 60, 10):
            now = start + minute * 60
            if due(now, hour, newest, None):
                newest, made = now, made + 1
        assert made == 365
    finally:
        monkeypatch.undo()
        time.tzset()

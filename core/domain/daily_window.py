"""A stretch of the day on a zone's clock, over midnight if it ends before it begins: in it or not, since which day, until when.

In the nights in which clocks change it is longer or shorter, as its two times on the clock are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Within:
    """`day` on which the stretch began; `end` in Unix seconds, after the moment that was asked about."""

    day: date
    end: float


def within(start: int, end: int, at: float, zone: tzinfo) -> Within | None:
    """Return the stretch that `at` (Unix seconds) lies in; None outside of it, and if `start` and `end` are the same.

    `start` and `end` are minutes since midnight.
    """
    local = datetime.fromtimestamp(at, zone)
    minute = local.hour * 60 + local.minute
    over_midnight = start > end
    if not (minute >= start or minute < end if over_midnight else start <= minute < end):
        return None
    day = local.date() - timedelta(days=int(over_midnight and minute < end))
    last = datetime.combine(day + timedelta(days=int(over_midnight)), time(*divmod(end, 60)), zone)
    # An end in the hour that comes twice is meant the second time once the first has passed.
    ends = (last.replace(fold=fold).timestamp() for fold in (0, 1))
    return Within(day, next((each for each in ends if each > at), at + 1.0))

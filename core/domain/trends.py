"""What a history of numbers says: when the disk will be full, and whether today is unlike the last weeks.

Both say nothing when they are not sure: too few days, or days that point in different directions.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

DAY = 86_400.0
LEAST_DAYS = 5
# Of the last days; older ones say little of the next ones.
MOST_DAYS = 28
FARTHEST_DAYS = 365.0
LEAST_WEEKS_DAYS = 14
# So many deviations from the median are unlike it; with the factor, a MAD is a standard deviation of ordinary noise.
UNLIKE_DEVIATIONS, MAD_FACTOR = 4.0, 1.4826
# A deviation below this share of the median is not worth a word, however steady the days were.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """`at` is the beginning of the step, in Unix seconds; `value` its mean."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Unlike:
    """Today's `value` is unlike the `usual` one, the median of the last weeks."""

    value: float
    usual: float


def slopes(points: Sequence[TrendPoint]) -> list[float]:
    """Return the slopes between all pairs of points, in units a second, sorted."""
    return sorted((b.value - a.value) / (b.at - a.at) for a, b in combinations(points, 2) if b.at != a.at)


def full_in(free: Sequence[TrendPoint], now: float) -> float | None:
    """Return the days until nothing is free, by the median slope of the last days; None if that is unsure or far away.

    Sure: of four fifths of the pairs of days, the later one has less.
    """
    recent = [point for point in free if point.at > now - MOST_DAYS * DAY]
    if len(recent) < LEAST_DAYS:
        return None
    found = slopes(recent)
    slope = statistics.median(found)
    if slope >= 0 or found[len(found) * 8 // 10] >= 0:
        return None
    days = max(recent[-1].value, 0.0) / -slope / DAY
    return days if days <= FARTHEST_DAYS else None


def unlike(today: float, days: Sequence[float]) -> Unlike | None:
    """Return today's value with the usual one if they differ by more than the days of the last weeks do."""
    if len(days) < LEAST_WEEKS_DAYS:
        return None
    usual = statistics.median(days)
    spread = MAD_FACTOR * statistics.median(abs(day - usual) for day in days)
    if abs(today - usual) <= max(UNLIKE_DEVIATIONS * spread, LEAST_SHARE * abs(usual), 1.0):
        return None
    return Unlike(today, usual)


def grouped(points: Sequence[TrendPoint], seconds: float) -> list[TrendPoint]:
    """Return the means of the points in steps of so many seconds."""
    groups: dict[float, list[float]] = {}
    for point in points:
        groups.setdefault(point.at // seconds * seconds, []).append(point.value)
    return [TrendPoint(at, statistics.fmean(values)) for at, values in sorted(groups.items())]

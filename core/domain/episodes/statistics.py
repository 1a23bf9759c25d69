"""Values for the status page: days and weeks of a time zone, the speed of transcription, the standing of feeds.

now, time zone ─▶ days, weeks (midnight to midnight there)      runs ─▶ real-time factor, median      feed ─▶ standing
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as clock
from typing import Literal

from core.domain.feeds.feed import Feed
from core.domain.feeds.folder_feed import is_local
from core.domain.feeds.polling import is_due

DAYS = 30
WEEKS = 12
# A server's status for a feed that was removed.
GONE = 410

Standing = Literal["fine", "due", "failing", "gone"]


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, but not including, `end`, in Unix seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TranscriptionRun:
    """One transcription: `duration` seconds of audio took `wall_seconds`. `title` is None if the episode is deleted."""

    finished_at: float
    duration: float
    wall_seconds: float
    model: str
    device: str
    compute_type: str
    episode_id: int | None = None
    title: str | None = None

    @property
    def factor(self) -> float:
        """The real-time factor: seconds of work for a second of audio."""
        return self.wall_seconds / self.duration


def median_factor(runs: Iterable[TranscriptionRun]) -> float | None:
    factors = [run.factor for run in runs]
    return statistics.median(factors) if factors else None


def standing(feed: Feed, now: float) -> Standing:
    """Return a feed's standing. `due`: it is polled as soon as its turn comes; `gone`: the server says that it was removed."""
    if feed.error:
        return "gone" if (feed.error.get("params") or {}).get("status") == GONE else "failing"
    return "due" if is_due(feed.next_poll_at, now) and not is_local(feed.url) else "fine"


def last_days(now: float, zone: tzinfo | None, count: int = DAYS) -> tuple[Period, ...]:
    """Return the last days up to today, the oldest first. `zone` of None is that of this computer."""
    today = datetime.fromtimestamp(now, zone).date()
    return _periods(today - timedelta(days=count - 1), timedelta(days=1), count, zone)


def last_weeks(now: float, zone: tzinfo | None, count: int = WEEKS) -> tuple[Period, ...]:
    """Return the last weeks up to this one, from Monday to Sunday, the oldest first."""
    today = datetime.fromtimestamp(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    return _periods(monday - timedelta(weeks=count - 1), timedelta(weeks=1), count, zone)


def _periods(first: date, step: timedelta, count: int, zone: tzinfo | None) -> tuple[Period, ...]:
    """Return periods by the calendar: a day on which the clocks change has 23 or 25 hours."""
    marks = [_midnight(first + step * number, zone) for number in range(count + 1)]
    return tuple(Period(start, end) for start, end in itertools.pairwise(marks))


def _midnight(day: date, zone: tzinfo | None) -> float:
    return datetime.combine(day, clock.min, zone).timestamp()

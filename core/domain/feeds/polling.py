"""Schedule a feed's next poll: a pure decision.

    dates of its newest entries ─▶ Rhythm ─▶ usual interval ─┐
    the user's own interval, if one is set ──────────────────┤
    <ttl>, Cache-Control ─────────── only ever lengthen it ──┤
    failures in a row ─── from an hour at most, doubled ─────┤
    Retry-After ─────────────── not before the time it names ┴─▶ + jitter ─▶ next poll

A feed is never given up: a failing one is polled again within a day. Times are Unix seconds, and are only ever compared with now;
a next poll that lies further ahead than any decision puts it was written by a clock that was wrong, and is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

MINUTE, HOUR, DAY = 60.0, 3600.0, 24 * 3600.0
WEEK = 7 * DAY
LEAST = 15 * MINUTE
MOST = DAY
# The user's own interval may be shorter, down to this, as for a server at home.
LEAST_ASKED_FOR = MINUTE
# For a feed that names no dates.
UNKNOWN = HOUR
# How much of the time between two episodes may pass before the newer one is noticed.
SHARE = 1 / 24
RECENT = 12
# Fewer gaps do not show the usual pause.
FEWEST_GAPS = 3
FIRST_RETRY = HOUR
JITTER = 0.1
LATEST = MOST * (1 + JITTER)
# A next poll further ahead than this was not decided here.
IMPOSSIBLE = LATEST + HOUR


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a feed publishes: `gap` is the median of the seconds between its newest entries, `newest_at` the date of the
    newest; `longest` is the longest gap, None where there are few."""

    gap: float | None = None
    newest_at: float | None = None
    longest: float | None = None

    @classmethod
    def of(cls, published: Iterable[float | None]) -> Rhythm:
        """Compute the rhythm from the dates of the entries, in any order. Entries that came out together count once."""
        dates = sorted({d for d in published if d is not None}, reverse=True)[: RECENT + 1]
        gaps = [later - earlier for later, earlier in pairwise(dates)]
        longest = max(gaps) if len(gaps) >= FEWEST_GAPS else None
        return cls(median(gaps) if gaps else None, dates[0] if dates else None, longest)

    def silence(self, now: float) -> float | None:
        """Return the seconds since its newest entry where that is unusually long for this feed, else None."""
        if self.newest_at is None or self.gap is None or self.longest is None:
            return None
        silence = now - self.newest_at
        return silence if silence > max(4.0 * self.gap, 2.0 * self.longest, WEEK) else None

    def interval(self, now: float) -> float:
        """Return the seconds until the next poll is worthwhile. A feed that has fallen silent is polled less and less often."""
        if self.newest_at is None:
            return UNKNOWN
        silence = now - self.newest_at
        return _between(LEAST, max(self.gap or 0.0, silence) * SHARE, MOST)


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """The last poll's input to the next: `ttl` (feed), `max_age` (Cache-Control) and `retry_after` are seconds.

    `failures` counts polls that failed in a row, 0 after a success, and after one that reached nobody.
    """

    ttl: float | None = None
    max_age: float | None = None
    retry_after: float | None = None
    failed: bool = False
    failures: int = 0


def interval(now: float, rhythm: Rhythm, answer: PollAnswer, *, minutes: float = 0.0) -> float:
    """Return the seconds from now to the next poll. `minutes` is the user's own interval; 0: as often as the feed publishes."""
    usual = max(minutes * MINUTE, LEAST_ASKED_FOR) if minutes else rhythm.interval(now)
    usual = min(max(usual, answer.ttl or 0.0, answer.max_age or 0.0), MOST)
    if answer.failed:
        usual = min(min(usual, FIRST_RETRY) * 2.0 ** min(max(answer.failures - 1, 0), 16), MOST)
    return max(usual, min(answer.retry_after or 0.0, MOST))


def next_poll(now: float, rhythm: Rhythm, answer: PollAnswer, *, minutes: float = 0.0, jitter: float = 0.0) -> float:
    """Return the Unix time of the next poll. `jitter` (0 to 1) adds up to a tenth: feeds added together spread out."""
    return now + interval(now, rhythm, answer, minutes=minutes) * (1.0 + JITTER * jitter)


def asks_anew(now: float, last_polled_at: float | None, failures: int, *, offset: float = 0.0, every: float = WEEK) -> bool:
    """Return whether a poll goes without the validators of the last answer: after a failure, and once a week (or `every`
    seconds).

    Some servers answer "not modified" for ever. `offset` seconds shift the week, so that feeds do not all go in one night.
    """
    if failures or last_polled_at is None:
        return True
    return (now + offset) // every != (last_polled_at + offset) // every


def is_due(next_poll_at: float, now: float) -> bool:
    return not now < next_poll_at <= now + IMPOSSIBLE


def _between(least: float, value: float, most: float) -> float:
    return max(least, min(value, most))

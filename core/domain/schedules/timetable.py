"""Decide what to do about a schedule when its time has come, when the clock was changed, and after a failed run. Pure functions.

turn       the time has come: run now? which time is meant? when does it come next?
replanned  the clock, the zone or the expression was changed: when does it come next?
retry_at   a run failed: when is it tried again?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from core.domain.schedules.cron import Cron
from core.domain.schedules.schedule import Missed

# Seconds. A run that begins this late is still on time: the server was just starting, or busy.
GRACE = 300.0
DAY = 86_400.0
# The longest wait before another try, unless the rule's own first wait is longer.
MOST_WAIT = 4 * 3600.0
# Spells before now in which the last time is looked for: an hour, a day, a month, a year, all.
_SPELLS = (3600.0, DAY, 32 * DAY, 366 * DAY)


@dataclass(frozen=True, slots=True)
class Turn:
    """`due_at` is the newest planned time until now; `late`: it was missed; `run` whether to run now."""

    due_at: float
    late: bool
    run: bool
    next_at: float | None


def turn(cron: Cron, zone: tzinfo, *, next_at: float, now: float, missed: Missed) -> Turn:
    """Decide about a schedule with `next_at` <= `now`. Whatever number of times passed meanwhile, it runs once at most."""
    due_at = _newest(cron, zone, next_at, now)
    late = now - due_at > GRACE
    return Turn(due_at, late, not late or missed is Missed.ONCE, cron.after(now, zone))


def _newest(cron: Cron, zone: tzinfo, first: float, now: float) -> float:
    """Return the newest planned time in [first, now]; `first` itself if none is newer."""
    for spell in _SPELLS:
        begin = max(now - spell, first)
        found = _last(cron, zone, begin, now)
        if found is not None or begin == first:
            return first if found is None else found
    return first


def _last(cron: Cron, zone: tzinfo, after: float, now: float) -> float | None:
    last, at = None, cron.after(after, zone)
    while at is not None and at <= now:
        last, at = at, cron.after(at, zone)
    return last


def replanned(cron: Cron, zone: tzinfo, *, next_at: float | None, last_at: float | None, now: float) -> float | None:
    """Return when it comes next, for the clock, zone and expression of now.

    A time that has passed stays, to be made up for or skipped. A clock that was set back a little repeats no run; one that was
    far ahead when the last time was claimed was wrong, and that time counts no more.
    """
    if next_at is not None and next_at <= now:
        return next_at
    done = last_at if last_at is not None and last_at <= now + DAY else now
    return cron.after(max(done, now), zone)


def retry_at(*, tries: int, retries: int, first: float, now: float) -> float | None:
    """Return when to try again after `tries` tries beyond the first run; None if that was the last. Waits double."""
    if tries >= retries:
        return None
    return now + min(first * 2.0 ** min(tries, 16), max(first, MOST_WAIT))

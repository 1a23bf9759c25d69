"""The figures of the status page (`castmind.statistics`): what was transcribed, how fast, what there is to do, how feeds are.

figures(zone)   a few queries, each of them answered by an index
disk()          what the data folder takes, as counted last (disk_use.py)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from core.domain.episode import Filter
from core.domain.feed import Feed
from core.domain.job import State
from core.domain.statistics import Period, Run, Standing, last_days, last_weeks, median_factor, standing
from core.pipeline.disk_use import Disk, DiskUse
from core.store import feeds, jobs, listing, transcriptions
from core.store.db import Store

RUNS = 30


@dataclass(frozen=True, slots=True)
class Heard:
    """Seconds of audio whose transcription ended within a period."""

    period: Period
    seconds: float


@dataclass(frozen=True, slots=True)
class FeedStanding:
    feed: Feed
    standing: Standing


@dataclass(frozen=True, slots=True)
class Figures:
    """`seconds` of audio were transcribed in all; `runs` are the newest transcriptions, the newest first, `factor` the median
    of their real-time factors. `queue` counts episodes by their state, and `episodes` all, the trash not counted."""

    seconds: float
    days: tuple[Heard, ...]
    weeks: tuple[Heard, ...]
    runs: tuple[Run, ...]
    factor: float | None
    episodes: int
    queue: Mapping[State, int]
    feeds: tuple[FeedStanding, ...]


class Statistics:
    """Safe to call from any thread."""

    def __init__(self, store: Store, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._disk = DiskUse(data, clock=clock)
        self.step, self.start, self.stop = self._disk.step, self._disk.start, self._disk.stop

    def disk(self) -> Disk | None:
        """None until it was counted for the first time, seconds after the start."""
        return self._disk.now()

    def figures(self, zone: tzinfo | None = None) -> Figures:
        """As of now, with days and weeks as they are in `zone`; None is that of this computer."""
        now = self._clock()
        days, weeks = last_days(now, zone), last_weeks(now, zone)
        with self._store.snapshot() as db:
            seconds = transcriptions.seconds_in(db, [*days, *weeks])
            heard = tuple(map(Heard, (*days, *weeks), seconds))
            runs = tuple(transcriptions.newest(db, limit=RUNS))
            return Figures(
                seconds=transcriptions.seconds(db),
                days=heard[: len(days)],
                weeks=heard[len(days) :],
                runs=runs,
                factor=median_factor(runs),
                episodes=listing.count(db, Filter()),
                queue=jobs.episode_counts(db),
                feeds=tuple(FeedStanding(feed, standing(feed, now)) for feed in feeds.listing(db)),
            )

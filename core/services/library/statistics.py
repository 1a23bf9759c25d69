"""The figures of the status page (`castmind.statistics`): transcribed hours, speed, the queue, the health of feeds.

figures(zone)   a few queries, each answered from an index
disk()          the last count of the data folder's disk use (disk_use.py)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Filter
from core.domain.episodes.statistics import Period, Standing, TranscriptionRun, last_days, last_weeks, median_factor, standing
from core.domain.feeds.feed import Feed
from core.domain.jobs.job import State
from core.services.library.disk_use import Disk, DiskUse
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.jobs import queue_views
from core.store.library import listing, transcription_runs

RUNS = 30


@dataclass(frozen=True, slots=True)
class HeardHours:
    """Seconds of audio whose transcription ended within a period."""

    period: Period
    seconds: float


@dataclass(frozen=True, slots=True)
class FeedStanding:
    feed: Feed
    standing: Standing


@dataclass(frozen=True, slots=True)
class Figures:
    """`seconds`: total transcribed audio; `runs`: the latest transcriptions, newest first; `factor`: the median of their
    real-time factors. `queue`: episodes by state; `episodes`: all episodes, without the trash."""

    seconds: float
    days: tuple[HeardHours, ...]
    weeks: tuple[HeardHours, ...]
    runs: tuple[TranscriptionRun, ...]
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

    def disk(self, actor: Actor) -> Disk | None:
        """Return the last count; None until the first one has finished, seconds after the start."""
        return self._disk.now()

    def figures(self, actor: Actor, zone: tzinfo | None = None) -> Figures:
        """Return the current figures, with days and weeks of the time zone `zone`; None means this computer's."""
        now = self._clock()
        days, weeks = last_days(now, zone), last_weeks(now, zone)
        with self._store.snapshot() as db:
            seconds = transcription_runs.seconds_in(db, [*days, *weeks])
            heard = tuple(map(HeardHours, (*days, *weeks), seconds))
            runs = tuple(transcription_runs.newest(db, limit=RUNS))
            return Figures(
                seconds=transcription_runs.seconds(db),
                days=heard[: len(days)],
                weeks=heard[len(days) :],
                runs=runs,
                factor=median_factor(runs),
                episodes=listing.count(db, Filter(), user_id=actor.user_id),
                queue=queue_views.episode_counts(db),
                feeds=tuple(FeedStanding(feed, standing(feed, now)) for feed in feeds.listing(db)),
            )

"""Statistics for the status page: hours transcribed, real-time factors, the queue, the disk, the state of feeds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from core.api import time_zone
from core.api.asking import Asking
from core.api.schemas import moment
from core.api.services import Services
from core.domain.episodes.statistics import Standing, TranscriptionRun
from core.services.library.disk_use import Disk
from core.services.library.statistics import FeedStanding, Figures, HeardHours


class Spell(BaseModel):
    """Hours of audio whose transcription ended from `start` up to `end`."""

    start: str
    end: str
    hours: float


class Transcription(BaseModel):
    """`duration` seconds of audio took `wall_seconds`; `factor` is the real-time factor. `title` is null when the episode is
    gone."""

    finished_at: str
    duration: float
    wall_seconds: float
    factor: float
    model: str
    device: str
    compute_type: str
    episode_id: int | None
    title: str | None


class DiskUse(BaseModel):
    """Bytes. `counted_at` is when the files of each kind were counted; `total` and `free` are the disk's, as of now."""

    counted_at: str
    kinds: dict[str, int]
    total: int
    free: int


class FeedHealth(BaseModel):
    id: int
    title: str
    standing: Standing
    last_success_at: str | None
    next_poll_at: str | None
    failures: int
    error: str | None


class Statistics(BaseModel):
    """`real_time_factor` is the median of `transcriptions`, null when there are none; `disk` is null until it was counted."""

    hours: float = Field(description="Hours of audio that were ever transcribed")
    days: list[Spell]
    weeks: list[Spell]
    real_time_factor: float | None
    transcriptions: list[Transcription] = Field(description="The newest, the newest first")
    episodes: int
    queue: dict[str, int] = Field(description="Episodes by their state")
    disk: DiskUse | None
    feeds: list[FeedHealth]


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["statistics"])

    @api.get("/statistics")
    def figures(
        actor: Asking,
        zone: Annotated[str | None, Query(description="Of days and weeks, as Europe/Berlin; this computer's without it")] = None,
    ) -> Statistics:
        found = services.statistics.figures(actor, time_zone.named(zone) if zone else None)
        return _told(found, services.statistics.disk(actor))

    return api


def _told(found: Figures, disk: Disk | None) -> Statistics:
    return Statistics(
        hours=found.seconds / 3600,
        days=[_spell(heard) for heard in found.days],
        weeks=[_spell(heard) for heard in found.weeks],
        real_time_factor=found.factor,
        transcriptions=[_transcription(run) for run in found.runs],
        episodes=found.episodes,
        queue={state.value: count for state, count in found.queue.items()},
        disk=_disk(disk) if disk else None,
        feeds=[_feed(row) for row in found.feeds],
    )


def _at(seconds: float) -> str:
    return moment(seconds) or ""


def _spell(heard: HeardHours) -> Spell:
    return Spell(start=_at(heard.period.start), end=_at(heard.period.end), hours=heard.seconds / 3600)


def _transcription(run: TranscriptionRun) -> Transcription:
    return Transcription(
        finished_at=_at(run.finished_at),
        duration=run.duration,
        wall_seconds=run.wall_seconds,
        factor=run.factor,
        model=run.model,
        device=run.device,
        compute_type=run.compute_type,
        episode_id=run.episode_id,
        title=run.title,
    )


def _disk(disk: Disk) -> DiskUse:
    return DiskUse(counted_at=_at(disk.counted_at), kinds=dict(disk.kinds), total=disk.total, free=disk.free)


def _feed(row: FeedStanding) -> FeedHealth:
    feed = row.feed
    return FeedHealth(
        id=feed.id,
        title=feed.title,
        standing=row.standing,
        last_success_at=moment(feed.last_success_at),
        next_poll_at=moment(feed.next_poll_at),
        failures=feed.failures,
        error=str(feed.error["detail"]) if feed.error else None,
    )

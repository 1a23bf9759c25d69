"""What stages hand over, and the one place where it becomes rows.

A stage emits parts while it works and gives a result at its end. Parts and results are plain values, so that a stage could
run anywhere; `save` is called by the runner only, inside the transaction that has checked the job's lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.episode import Episode, MediaInfo
from core.domain.hearing_again import HearAgain
from core.domain.job import Job, Stage
from core.domain.note import Notes
from core.domain.supplied import Chapters, Origin, Outcome
from core.domain.transcript import Transcript, Window
from core.notes.replacing import Verdict, judge
from core.pipeline.succession import add_heard, rename_again, renames, replace_transcript
from core.pipeline.supplied import keep, name_speakers
from core.sources.page import About
from core.sources.parts import title_of_address
from core.store import episodes, hear_again, jobs, leases, notes, supplied, transcriptions, transcripts

# Starts the key of a checkpoint that is no window: what came of comparing the publisher's transcript.
VERDICT = "fit:"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A finished part of the work, kept until the stage is done: a transcribed window, a summarised chunk."""

    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The audio is in the data folder at `media_path`. `info` is None when it had been probed before; `supplied` is what came
    of the feed's other offers, `page` what the web page says that it was found on."""

    media_path: str
    info: MediaInfo | None = None
    supplied: tuple[Outcome, ...] = ()
    page: About | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The files that were written, relative to the data folder."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """What a model heard in the spans that were asked for, to be put where the transcript has no words."""

    wishes: tuple[HearAgain, ...]
    windows: tuple[Window, ...]


Part = Checkpoint | Notes
Result = Fetched | Transcript | HeardAgain | Notes | Published


def save(db: Any, job: Job, value: Part | Result, *, now: float) -> None:
    """Writes a part or result of `job`. The caller holds the lease."""
    match value:
        case Checkpoint():
            leases.add_checkpoint(db, job, value.key, value.payload, now=now)
        case Fetched():
            before = episodes.get(db, job.episode_id)
            episodes.change(db, job.episode_id, _media_columns(value), now=now)
            if before.fetch_anew_at and value.info:
                _take_anew(db, job, before, value.info, now=now)
            elif value.info and before.heard_sha256 not in (None, value.info.sha256):
                # What was let go came back as other audio, also where address and length are those that the feed names.
                episodes.note_replaced(db, [job.episode_id], now=now)
            if value.info and value.info.chapters:
                supplied.save(db, job.episode_id, Origin.FILE, Chapters(value.info.chapters), now=now)
            if value.page:
                _take_from_page(db, job.episode_id, value.page, now=now)
            if value.supplied:
                keep(db, job.episode_id, value.supplied, now=now)
        case Transcript():
            given = renames(db, job.episode_id)
            replace_transcript(db, job.episode_id, value, now=now)
            name_speakers(db, job.episode_id, now=now)
            rename_again(db, job.episode_id, given, now=now)
            notes.outdate(db, job.episode_id)
            heard = episodes.get(db, job.episode_id).sha256
            episodes.change(db, job.episode_id, {"duration": value.duration, "heard_sha256": heard}, now=now)
            if value.duration > 0 and value.wall_seconds > 0 and not value.by_publisher:
                transcriptions.add(db, job.episode_id, value, now=now)
        case HeardAgain():
            _put_in(db, job.episode_id, value, now=now)
        case Notes():
            _write_down(db, job.episode_id, value, now=now)
            jobs.publish_again(db, job.episode_id)
        case Published():
            pass


def _take_anew(db: Any, job: Job, before: Episode, info: MediaInfo, *, now: float) -> None:
    """Other audio is transcribed; what is there of the old is read until the new transcript takes its place."""
    episodes.change(db, job.episode_id, {"audio_replaced_at": None, "fetch_anew_at": None}, now=now)
    if info.sha256 != (before.heard_sha256 or before.sha256):
        jobs.enqueue(db, job.episode_id, priority=job.priority, now=now)
        jobs.rerun(db, job.episode_id, Stage.TRANSCRIBE, priority=job.priority, afresh=True)


def _write_down(db: Any, episode_id: int, written: Notes, *, now: float) -> None:
    before, about = notes.current(db, episode_id), transcripts.about(db, episode_id)
    verdict = judge(before.notes if before else None, written, about.language if about else "")
    notes.add(db, episode_id, written, now=now, stays=None if verdict is Verdict.REPLACES else before)


def _put_in(db: Any, episode_id: int, heard: HeardAgain, *, now: float) -> None:
    """Notes stay current: what they quote still stands. They say that they have read less of what is there now."""
    hear_again.forget(db, episode_id)
    merged = add_heard(db, episode_id, heard.wishes, heard.windows, now=now)
    if merged is None:
        return
    before, after = merged.length
    notes.read_less(db, episode_id, before / after if after else 1.0, merged.moved)
    jobs.begin_again(db, episode_id, Stage.SUMMARISE)
    jobs.publish_again(db, episode_id)


def _media_columns(fetched: Fetched) -> dict[str, Any]:
    columns: dict[str, Any] = {"media_path": fetched.media_path, "audio_dropped_at": None, "audio_dropped_why": None}
    if fetched.info:
        columns |= {
            "media_type": fetched.info.media_type,
            "bytes": fetched.info.bytes,
            "sha256": fetched.info.sha256,
            "duration": fetched.info.duration,
        }
    return columns


def _take_from_page(db: Any, episode_id: int, page: About, *, now: float) -> None:
    """A title that the user gave stays."""
    episode = episodes.get(db, episode_id)
    named = {"title": page.title} if page.title and episode.title == title_of_address(episode.enclosure_url or "") else {}
    columns = {
        "offered_title": page.title or None,
        "description": page.description,
        "published_at": page.published_at,
        "link": page.link,
        "image_url": page.image_url,
    }
    episodes.change(db, episode_id, columns | named, now=now)
    if page.chapters:
        supplied.save(db, episode_id, Origin.PUBLISHER, Chapters(page.chapters), now=now)

"""Convert rows to the JSON of the API. Times are ISO 8601 in UTC; durations and positions in audio are seconds.

Fields are only added, never renamed, because other programs rely on them. JSON of a single route module is defined there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from core.domain.episodes.listed import Listed
from core.domain.episodes.search_query import Hint
from core.domain.episodes.search_result import Hit
from core.domain.episodes.tag import Tag
from core.domain.jobs.job import Job, State
from core.domain.notes.note import Version
from core.domain.transcripts.annotation import Edit, Highlight
from core.domain.transcripts.transcript import Segment, Transcript
from core.services.feeds.subscriptions import FeedRow
from core.services.jobs.queue import JobRow
from core.services.reading.annotations import Speaker

Json = dict[str, Any]


@lru_cache(maxsize=10_000)
def moment(seconds: float | None) -> str | None:
    """Convert Unix seconds to `2026-01-31T12:00:00Z`; None and 0 (never) to None.

    Lists repeat the same values, so they are cached; the cache takes 2 MB.
    """
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def episode(row: Listed) -> Json:
    # Without the enclosure's address: that of a private feed contains the listener's key.
    e = row.episode
    return {
        "id": e.id,
        "title": e.title,
        "source": e.source.value,
        "state": row.state.value if row.state else None,
        "stages": [stage(job) for job in row.jobs],
        "feed_id": e.feed_id,
        "feed_title": row.feed_title,
        "feed_image_url": row.feed_image_url,
        "description": e.description,
        "link": e.link,
        "season": e.season,
        "number": e.number,
        "kind": e.kind,
        "people": [{"name": p.name, "role": p.role, "link": p.link} for p in e.people],
        "image_url": e.image_url,
        "published_at": moment(e.published_at),
        "created_at": moment(e.created_at),
        "updated_at": moment(e.updated_at),
        "duration": e.duration,
        "bytes": e.bytes,
        "media_type": e.media_type,
        "has_audio": e.media_path is not None,
        "language": e.language,
        "model": e.model,
        "notes_language": e.notes_language,
        "notes_model": e.notes_model,
        "notes_engine": row.notes_engine,
        "spoken_language": e.spoken_language,
        "speech_coverage": None if row.speech_share is None else round(row.speech_share, 4),
        "tags": [tag(each) for each in row.tags],
        "starred": row.reading.starred_at is not None,
        "read": row.reading.read_at is not None,
        "position": row.reading.position,
        "played_at": moment(row.reading.played_at),
        "deleted_at": moment(e.deleted_at),
        "audio_dropped_at": moment(e.audio_dropped_at),
        "audio_dropped_why": e.audio_dropped_why,
        "publisher_transcript": e.publisher_transcript,
        "audio_replaced_at": moment(e.audio_replaced_at),
        "fetch_anew_at": moment(e.fetch_anew_at),
    }


def tag(row: Tag) -> Json:
    return {"id": row.id, "name": row.name}


def tag_count(row: Tag) -> Json:
    return {**tag(row), "episodes": row.episodes}


def edit(row: Edit) -> Json:
    """Return an edit. `before` and `after` are `{text}` for a sentence, `{speakers: {name: [segment ids]}}` for a speaker."""
    return {
        "id": row.id,
        "kind": row.kind.value,
        "segment_id": row.segment_id,
        "start": row.start,
        "before": {k: v for k, v in row.before.items() if k != "words"},
        "after": {k: v for k, v in row.after.items() if k != "words"},
        "made_at": moment(row.made_at),
        "undone": row.undone,
        "outdated": row.outdated,
    }


def speaker(row: Speaker) -> Json:
    return {"name": row.name, "segments": row.segments, "seconds": row.seconds}


def highlight(row: Highlight) -> Json:
    """Return a highlight. `anchored` is false if the present transcript lacks the quote; its span is meaningless then."""
    return {
        "id": row.id,
        "episode_id": row.episode_id,
        **asdict(row.span),
        "start": row.start,
        "end": row.end,
        "quote": row.quote,
        "colour": row.colour.value,
        "remark": row.remark,
        "anchored": row.anchored,
        "version": row.version,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def search_hint(row: Hint) -> Json:
    return {"code": row.code, "value": row.value}


def search_hit(row: Hit) -> Json:
    """Return a hit of a search. `before` and `after` are the words around a short snippet; `marks` are places in the snippet."""
    return {
        "kind": row.kind.name.lower(),
        "start": row.start,
        "speaker": row.speaker,
        "snippet": row.snippet,
        "marks": [list(mark) for mark in row.marks],
        "before": row.before,
        "after": row.after,
    }


def stage(job: Job) -> Json:
    """Return a stage. `error` is `{code, detail, params}` or null; `detail` is the stage's progress report."""
    return {
        "name": job.stage,
        "state": job.state.value,
        "progress": job.progress,
        "error": dict(job.error) if job.error else None,
        "detail": dict(job.detail),
        "job_id": job.id,
        "retry_at": retry_at(job),
    }


def retry_at(job: Job) -> str | None:
    """Return when the job is retried automatically; None if it is not."""
    return moment(job.not_before) if job.state in (State.QUEUED, State.WAITING) else None


def job(job: Job, title: str | None = None) -> Json:
    """Return a job. `retry_at` is when a waiting or once-failed job is retried."""
    row = {
        "id": job.id,
        "episode_id": job.episode_id,
        "stage": job.stage,
        "state": job.state.value,
        "progress": job.progress,
        "error": dict(job.error) if job.error else None,
        "detail": dict(job.detail),
        "priority": job.priority,
        "tries": job.tries,
        "cancel_requested": job.cancel_requested,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
        "retry_at": retry_at(job),
    }
    return row if title is None else {**row, "title": title}


def job_row(row: JobRow) -> Json:
    return job(row.job, row.title)


def transcript(found: Transcript, *, words: bool, version: float | None) -> Json:
    return {
        "language": found.language,
        "duration": found.duration,
        "partial": False,
        "version": version,
        "engine": found.engine.to_dict(),
        "publisher": found.checked.to_dict() if found.checked else None,
        "speech": found.speech_json,
        "segments": [s.to_dict(words=words) for s in found.segments],
    }


def partial_transcript(segments: Iterable[Segment], *, duration: float | None, words: bool) -> Json:
    """Return the segments committed so far of a transcript in progress."""
    return {
        "language": None,
        "duration": duration,
        "partial": True,
        "version": None,
        "engine": None,
        "segments": [s.to_dict(words=words) for s in segments],
    }


def summary(version: Version) -> Json:
    """Return the newest notes. `coverage` and `verified_share` are 0 to 1."""
    return {
        "id": version.id,
        **version.notes.to_dict(),
        "verified_share": version.notes.verified_share,
        "created_at": moment(version.created_at),
        "outdated": version.outdated,
    }


def feed(row: FeedRow) -> Json:
    """Return a feed. `access` is the kind of its credentials, if any; the credentials themselves are never returned.

    `offered` are feed URLs declared by a web page in the feed's place; `turned_away`: another user agent may be admitted.
    `remarks` list oddities of a readable feed: no_audio, empty, cut_off, silent. `former_url`: its URL before the last change.
    `folder`: names joined by "/", "" for none.
    """
    f = row.feed
    return {
        "id": f.id,
        "url": f.url,
        "title": f.title,
        "folder": f.folder,
        "description": f.description,
        "author": f.author,
        "link": f.link,
        "image_url": f.image_url,
        "language": f.language,
        "podcast_guid": f.podcast_guid,
        "auto_transcribe": f.auto_transcribe,
        "backlog": f.backlog,
        "episodes": row.episodes,
        "access": row.credentials.value if row.credentials else None,
        "created_at": moment(f.created_at),
        "last_polled_at": moment(f.last_polled_at),
        "last_success_at": moment(f.last_success_at),
        "next_poll_at": moment(f.next_poll_at),
        "failures": f.failures,
        "error": f.error["detail"] if f.error else None,
        "error_code": f.error["code"] if f.error else None,
        "turned_away": f.turned_away,
        "offered": list(f.offered),
        "former_url": f.former_url,
        "complete": f.complete,
        "remarks": [{"code": m.key.removeprefix("remark."), "detail": str(m), "params": dict(m.params)} for m in row.remarks],
    }

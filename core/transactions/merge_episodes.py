"""Merge duplicate episodes: the audio fetched for a new episode is byte for byte that of an old episode of the show.

    after the fetch, before the transcription ─▶ same bytes as an episode that the feed no longer lists? ─▶ merge
    the old row stays, with all its data; it takes over the publisher's data and the reader's marks from the new one

When a show moves, its new host may change the guids, URLs and dates of all items. Two items that the feed lists both are never
merged.
"""

from __future__ import annotations

import logging
from typing import Any

from core.domain.episodes.episode import Episode, MediaInfo, Source
from core.domain.jobs.job import Job, Stage, State
from core.store.db.sqlite import Database
from core.store.jobs import fetches, jobs
from core.store.library import episodes, publisher_extras, reading_states, tags
from core.store.text import notes, transcripts

log = logging.getLogger(__name__)

# The publisher's columns, taken from the new episode.
_OF_PUBLISHER = (
    *("feed_id", "listed", "guid", "enclosure_url", "enclosure_type", "enclosure_bytes", "description", "link", "image_url"),
    *("published_at", "season", "number", "kind", "people", "offered_title", "offered_duration", "offered_digest"),
)
# The reader's columns, taken from the new episode only where the old one has none.
_OF_READER = ("language", "model", "notes_language", "notes_model", "publisher_transcript", "wanted_at")


def merge(db: Database, job: Job, media_path: str, info: MediaInfo | None, *, now: float) -> bool:
    """Merge the job's episode into an older one and delete it; return whether that happened. The caller holds the lease.

    `media_path` and `info` describe the audio that was just fetched for it.
    """
    new = episodes.find(db, job.episode_id)
    if new is None or new.source is not Source.FEED or new.feed_id is None or new.fetch_anew_at or info is None:
        return False
    if transcripts.version(db, new.id) is not None:
        return False
    old = episodes.unlisted_with_audio(db, new, info.sha256)
    if old is None:
        return False
    values = episodes.columns_of(db, new.id, [*_OF_PUBLISHER, *_OF_READER, "title"])
    offers = publisher_extras.of_feed(db, new.feed_id).get(new.id, set())
    marks = tags.of_episodes(db, [new.id]).get(new.id, [])
    written = notes.own(db, new.id)
    reading_states.merge(db, old=old.id, new=new.id)
    episodes.forget(db, new.id)
    episodes.change(db, old.id, _merged(db, old, values, media_path), now=now)
    publisher_extras.offer(db, old.id, tuple(offers))
    for tag in marks:
        tags.put(db, tag.id, [old.id])
    if written.strip():
        notes.set_own(db, old.id, "\n\n".join(text for text in (notes.own(db, old.id), written) if text.strip()), now=now)
    _go_on(db, old, job, now=now)
    log.info("episode %d has the audio of episode %d: they are one", new.id, old.id, extra={"episode_id": old.id})
    return True


def _merged(db: Database, old: Episode, values: dict[str, Any], media_path: str) -> dict[str, Any]:
    before = episodes.columns_of(db, old.id, ["offered_title", *_OF_READER])
    columns = {name: values[name] for name in _OF_PUBLISHER}
    columns |= {name: values[name] for name in _OF_READER if before[name] is None and values[name] is not None}
    if old.title == before["offered_title"]:
        columns["title"] = values["title"]
    # Audio deleted by a retention rule stays deleted: its transcript exists.
    if old.media_path is None and old.audio_dropped_at is None:
        columns["media_path"] = media_path
    return columns


def _go_on(db: Database, old: Episode, job: Job, *, now: float) -> None:
    """Enqueue for the old episode the new one's jobs that it has not done yet."""
    if transcripts.version(db, old.id) is None:
        jobs.enqueue(db, old.id, priority=job.priority, now=now)
        stopped = next((j for j in jobs.of_episode(db, old.id) if j.stage == Stage.FETCH and j.state is not State.DONE), None)
        if stopped:
            fetches.try_fetch_again(db, old.id)
    jobs.publish_again(db, old.id)

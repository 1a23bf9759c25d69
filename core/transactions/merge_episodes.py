"""Two episodes that turn out to be one: the audio fetched for a new one is, byte for byte, that of an old one of the show.

    fetched, before anything is transcribed ─▶ same bytes as an episode that the feed does not list any more? ─▶ one episode
    the old one stays, with all that hangs on it; what the publisher says, and what a reader put on the new one, goes over to it

Hosts give all their items other guids, addresses and dates when a show moves. What the feed lists twice stays two.
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

# The publisher's words, which follow the new entry.
_OF_PUBLISHER = (
    *("feed_id", "listed", "guid", "enclosure_url", "enclosure_type", "enclosure_bytes", "description", "link", "image_url"),
    *("published_at", "season", "number", "kind", "people", "offered_title", "offered_duration", "offered_digest"),
)
# The reader's, which the old one keeps where it has them.
_OF_READER = ("language", "model", "notes_language", "notes_model", "publisher_transcript", "wanted_at")


def merge(db: Database, job: Job, media_path: str, info: MediaInfo | None, *, now: float) -> bool:
    """Whether the job's episode became part of an older one, and is gone. The caller holds the lease.

    `media_path` and `info` are those of the audio that was just fetched for it.
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
    # What was let go by a rule stays so: its text is there.
    if old.media_path is None and old.audio_dropped_at is None:
        columns["media_path"] = media_path
    return columns


def _go_on(db: Database, old: Episode, job: Job, *, now: float) -> None:
    """What was asked of the new one is asked of the old one, as far as it is not done."""
    if transcripts.version(db, old.id) is None:
        jobs.enqueue(db, old.id, priority=job.priority, now=now)
        stopped = next((j for j in jobs.of_episode(db, old.id) if j.stage == Stage.FETCH and j.state is not State.DONE), None)
        if stopped:
            fetches.try_fetch_again(db, old.id)
    jobs.publish_again(db, old.id)

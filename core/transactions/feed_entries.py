"""Save a feed's entries to the library, inside the one transaction that the caller opened.

    entries ─▶ Decider ─┬─ new  ─▶ episodes ─▶ to_transcribe ─▶ jobs
                        └─ seen ─▶ changed? ─▶ update the episode ─▶ replaced audio? ─▶ a note
                               └─▶ its download failed? ─▶ retry, at a new address at once

An unchanged feed still lists its entries: their downloads that failed with a passing error are retried all the same.
Episodes that the user deleted are known too, and stay away. A title that the user gave stays.
The library is read in the same transaction, so two concurrent polls of a feed create no episode twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.episodes.episode import Source
from core.domain.episodes.publisher_extras import Chapters, ExtraKind, Origin
from core.domain.feeds import people
from core.domain.feeds.feed import Feed, FeedEntry, ParsedFeed, to_transcribe
from core.domain.feeds.listing import gone
from core.domain.feeds.matching import Decider, Known, changed
from core.domain.feeds.replaced import believed, replaced
from core.domain.jobs.job import PRIORITY_AUTOMATIC, try_after_poll
from core.store.db.sqlite import Database
from core.store.jobs import fetches, jobs
from core.store.library import episodes, publisher_extras
from core.transactions.fallback_title import stand_in


@dataclass(frozen=True, slots=True)
class Taken:
    """Count `new` episodes, those `queued` or downloaded again, and known ones that were `updated`."""

    new: int = 0
    queued: int = 0
    updated: int = 0

    def and_of(self, other: Taken) -> Taken:
        return Taken(self.new + other.new, self.queued + other.queued, self.updated + other.updated)


def take(db: Database, feed: Feed, parsed: ParsedFeed, *, now: float, whole: bool = True) -> Taken:
    """Write the entries of one poll. A feed's first poll adopts the episodes that an earlier subscription left behind.

    `whole`: the list is not cut off, so known episodes that are missing from it (see listing) are marked as unlisted.
    """
    first = feed.last_success_at is None
    known = episodes.left_behind(db) if first else episodes.known(db, feed.id)
    decision = Decider([*episodes.dismissed(db, feed.id), *known]).decide(parsed.entries)
    by_id = {k.episode_id: k for k in known}
    # A guid names one episode of a feed, even where the feed repeats it.
    guids = {k.guid for k in known if k.guid}
    for episode in (by_id[i] for i in decision.reused if i in by_id):
        # The episode keeps its audio, and is known by that audio from now on.
        episodes.change(db, episode.episode_id, {"guid": None}, now=now)
        guids.discard(episode.guid)
    seen = {entry: by_id[episode_id] for episode_id, entry in decision.seen if episode_id in by_id}
    _note_listed(db, [] if first else known, {e.episode_id for e in seen.values()}, parsed, judge=whole)
    edited = {entry: episode for entry, episode in seen.items() if changed(episode, entry)}
    _note_replaced(db, edited, now=now, seen=len(seen))
    for entry, episode in edited.items():
        _follow(db, feed, episode, entry, guids, now=now)
    tried = _try_again(db, feed, seen, now=now)
    offered = publisher_extras.of_feed(db, feed.id)
    for entry, episode in seen.items():
        if set(entry.offers) != offered.get(episode.episode_id, set()):
            publisher_extras.offer(db, episode.episode_id, entry.offers)
    new = {entry: _add(db, feed, entry, now=now) for entry in decision.new if _claim(guids, entry.guid)}
    ids = {entry: episode.episode_id for entry, episode in seen.items()} | new
    candidates = [e for e in parsed.entries if e in (ids if first else new)]
    chosen = to_transcribe(
        candidates, first_poll=first, backlog=feed.backlog, auto=feed.auto_transcribe, subscribed_at=feed.created_at
    )
    enqueue(db, (ids[e] for e in chosen), now=now)
    return Taken(len(new), len(chosen) + tried, len(edited))


def enqueue(db: Database, episode_ids: Iterable[int], *, now: float) -> None:
    """Order transcription, except for episodes in the trash: a feed that offers them again does not bring them back."""
    for episode_id in episode_ids:
        if episodes.get(db, episode_id).deleted_at is None:
            jobs.enqueue(db, episode_id, priority=PRIORITY_AUTOMATIC, now=now)


def _add(db: Database, feed: Feed, entry: FeedEntry, *, now: float) -> int:
    own = {"feed_id": feed.id, "source": Source.FEED.value, "guid": entry.guid, "duration": entry.duration}
    episode_id = episodes.add(db, own | {"title": entry.title or stand_in(feed, entry)} | _columns(entry), now=now)
    if entry.offers:
        publisher_extras.offer(db, episode_id, entry.offers)
    if entry.chapters:
        _keep_chapters(db, episode_id, entry, now=now)
    return episode_id


def _keep_chapters(db: Database, episode_id: int, entry: FeedEntry, *, now: float) -> bool:
    """Save the chapters that stand in the feed; a document of chapters that it names replaces them once downloaded."""
    there = publisher_extras.chapters(db, episode_id, Origin.PUBLISHER)
    if not entry.chapters or (there and any(offer.kind is ExtraKind.CHAPTERS for offer in entry.offers)):
        return False
    publisher_extras.save(db, episode_id, Origin.PUBLISHER, Chapters(entry.chapters), now=now)
    return there is None or there.items != entry.chapters


def _claim(guids: set[str], guid: str) -> bool:
    """Take the guid if it is free, and return whether it was."""
    free = guid not in guids
    guids.add(guid)
    return free


def _follow(db: Database, feed: Feed, episode: Known, entry: FeedEntry, guids: set[str], *, now: float) -> None:
    """Apply the publisher's changes to the episode."""
    values = {"feed_id": feed.id} | _columns(entry)
    if entry.guid != episode.guid and _claim(guids, entry.guid):
        values["guid"] = entry.guid
    # Earlier versions gave an untitled episode its guid.
    if episodes.get(db, episode.episode_id).title in (episode.title, episode.guid, stand_in(feed, episode)):
        values["title"] = entry.title or stand_in(feed, entry)
    episodes.change(db, episode.episode_id, values, now=now)
    if _keep_chapters(db, episode.episode_id, entry, now=now):
        jobs.publish_again(db, episode.episode_id)


def _note_listed(db: Database, known: Iterable[Known], seen: set[int], parsed: ParsedFeed, *, judge: bool) -> None:
    episodes.note_listed(db, [k.episode_id for k in known if not k.listed and k.episode_id in seen], listed=True)
    if judge:
        there = [k for k in known if k.listed or k.episode_id in seen]
        episodes.note_listed(db, gone(there, seen, parsed.entries, whole=parsed.next_page is None), listed=False)


def _note_replaced(db: Database, edited: Mapping[FeedEntry, Known], *, now: float, seen: int) -> None:
    found = [episode.episode_id for entry, episode in edited.items() if replaced(episode, entry)]
    episodes.note_replaced(db, believed(found, seen=seen), now=now)


def _try_again(db: Database, feed: Feed, seen: Mapping[FeedEntry, Known], *, now: float) -> int:
    """Retry downloads that failed or wait: at a new address at once and afresh, at the same one by the rule for polls."""
    stopped = {job.episode_id: job for job in fetches.stopped_fetches(db, feed.id)}
    tried = 0
    for entry, episode in seen.items():
        job = stopped.get(episode.episode_id)
        if job is None:
            continue
        moved = episode.enclosure_url != entry.enclosure_url
        tries = 0 if moved else try_after_poll(job, now=now)
        if tries is not None:
            fetches.try_fetch_again(db, episode.episode_id, tries=tries)
            tried += 1
    return tried


def try_unchanged(db: Database, feed_id: int, *, now: float) -> int:
    """Retry failed downloads of all episodes that an unchanged feed lists, by the rule for polls; return their number."""
    due = [(job, tries) for job in fetches.failed_fetches(db, feed_id) if (tries := try_after_poll(job, now=now)) is not None]
    for job, tries in due:
        fetches.try_fetch_again(db, job.episode_id, tries=tries)
    return len(due)


def _columns(entry: FeedEntry) -> dict[str, Any]:
    return {
        "offered_title": entry.title,
        "description": entry.description,
        "link": entry.link,
        "image_url": entry.image_url,
        "enclosure_url": entry.enclosure_url,
        "enclosure_type": entry.enclosure_type,
        "enclosure_bytes": entry.enclosure_bytes,
        "published_at": entry.published_at,
        "season": entry.season,
        "number": entry.number,
        "kind": entry.kind,
        "people": people.written(entry.people),
        "offered_duration": entry.duration,
        "offered_digest": entry.digest,
    }

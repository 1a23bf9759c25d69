"""What a feed's entries become in the library, inside the one transaction that the caller opened.

    entries ─▶ Decider ─┬─ new  ─▶ episodes ─▶ to_transcribe ─▶ jobs
                        └─ seen ─▶ changed? ─▶ the episode follows; a download that failed is tried at the new address

The library is read in the same transaction, so two polls of a feed at once make no episode twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.domain.episode import Source
from core.domain.feed import Decider, Entry, Feed, Known, ParsedFeed, changed, to_transcribe
from core.domain.job import PRIORITY_AUTOMATIC, Stage, State
from core.store import episodes, jobs


@dataclass(frozen=True, slots=True)
class Taken:
    """How many episodes are `new`, how many of the entries were `queued`, how many known episodes were `updated`."""

    new: int = 0
    queued: int = 0
    updated: int = 0


def take(db: Any, feed: Feed, parsed: ParsedFeed, *, now: float) -> Taken:
    """Writes the entries of one poll. At a feed's first, episodes that an earlier subscription left behind come home."""
    first = feed.last_success_at is None
    known = {k.episode_id: k for k in (episodes.left_behind(db) if first else episodes.known(db, feed.id))}
    decision = Decider(known.values()).decide(parsed.entries)
    # A guid names one episode of a feed, whatever the feed says.
    guids = {k.guid for k in known.values() if k.guid}
    updated, ids = 0, {}
    for episode_id, entry in decision.seen:
        ids[entry] = episode_id
        updated += _follow(db, feed, known[episode_id], entry, guids, now=now)
    for entry in decision.new:
        if entry.guid not in guids:
            guids.add(entry.guid)
            ids[entry] = _add(db, feed, entry, now=now)
    offered = [e for e in parsed.entries if e in ids] if first else [e for e in decision.new if e in ids]
    chosen = to_transcribe(
        offered, first_poll=first, backlog=feed.backlog, auto=feed.auto_transcribe, subscribed_at=feed.created_at
    )
    enqueue(db, (ids[e] for e in chosen), now=now)
    return Taken(new=len(ids) - len(decision.seen), queued=len(chosen), updated=updated)


def enqueue(db: Any, episode_ids: Iterable[int], *, now: float) -> None:
    for episode_id in episode_ids:
        jobs.enqueue(db, episode_id, priority=PRIORITY_AUTOMATIC, now=now)


def _add(db: Any, feed: Feed, entry: Entry, *, now: float) -> int:
    own = {"feed_id": feed.id, "source": Source.FEED.value, "guid": entry.guid, "duration": entry.duration}
    return episodes.add(db, own | _columns(entry), now=now)


def _follow(db: Any, feed: Feed, episode: Known, entry: Entry, guids: set[str], *, now: float) -> bool:
    """The episode takes on what the publisher changed; says whether there was anything."""
    if not changed(episode, entry):
        return False
    guid = episode.guid
    if entry.guid not in guids:
        guids.add(entry.guid)
        guid = entry.guid
    elif episode.title == entry.title and episode.enclosure_url == entry.enclosure_url:
        return False
    episodes.change(db, episode.episode_id, {"feed_id": feed.id, "guid": guid} | _columns(entry), now=now)
    if episode.enclosure_url != entry.enclosure_url:
        _fetch_again(db, episode.episode_id)
    return True


def _fetch_again(db: Any, episode_id: int) -> None:
    """A download that failed for good may work at the new address."""
    if any(j.stage is Stage.FETCH and j.state is State.FAILED for j in jobs.of_episode(db, episode_id)):
        jobs.rerun(db, episode_id, Stage.FETCH, priority=PRIORITY_AUTOMATIC, afresh=True)


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title or entry.guid,
        "description": entry.description,
        "link": entry.link,
        "image_url": entry.image_url,
        "enclosure_url": entry.enclosure_url,
        "enclosure_type": entry.enclosure_type,
        "enclosure_bytes": entry.enclosure_bytes,
        "published_at": entry.published_at,
    }

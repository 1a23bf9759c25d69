"""Match the entries of a feed with known episodes; the rest are new. Pure functions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.domain.feeds.enclosure_name import normalise_enclosure
from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.guid_spelling import spelling

# Seconds. Some shows publish episodes with the same title and length every hour; an item that only moved keeps its date.
SAME_DATE = 600.0


@dataclass(frozen=True, slots=True)
class Known:
    """The identifying data of a known episode, as its feed last gave it.

    `duration` is seconds, `published_at` Unix seconds, `digest` that of the entry; `listed`: whether the feed still listed it
    at the last poll.
    """

    episode_id: int
    guid: str | None
    enclosure_url: str | None
    title: str
    duration: float | None = None
    published_at: float | None = None
    digest: str | None = None
    enclosure_bytes: int | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """`new`: entries without an episode, newest first. `seen`: (episode id, entry) of the matched entries.

    `reused`: ids of episodes whose guid the publisher now uses for another episode.
    """

    new: tuple[FeedEntry, ...] = ()
    seen: tuple[tuple[int, FeedEntry], ...] = ()
    reused: tuple[int, ...] = ()


class Decider:
    """Matches a feed's entries with its episodes: by guid, then by normalised enclosure, then by title with duration.

        entries ─guid─▶ ─enclosure─▶ ─title and duration, or title and date─▶ the rest are new, each enclosure once

    - guid or enclosure: always a match, so a re-published or moved item stays one episode. Exception: if title, audio and date
      all differ, the publisher has reused the guid for another episode.
    - title and duration: the weakest evidence. It counts only for an episode that no entry of this poll matched by guid or
      enclosure, and only if it has the same date, or if it is missing from the middle of the feed and is the only one with this
      title and duration. In a show whose episodes all have one title, yesterday's is another episode.
    - title and exactly the same date: a match if only one episode and one entry have both. It is needed because feeds without
      durations change hosts too.
    """

    def __init__(self, known: Iterable[Known]) -> None:
        self._known = tuple(known)
        self._by_guid = {k.guid: k for k in self._known if k.guid}
        self._by_spelling: dict[str, list[Known]] | None = None

    @cached_property
    def _by_enclosure(self) -> dict[str, Known]:
        """Index the known episodes by normalised enclosure; built lazily, because guids match all entries of most polls."""
        return {normalise_enclosure(k.enclosure_url): k for k in self._known if k.enclosure_url}

    def decide(self, entries: Iterable[FeedEntry]) -> Decision:
        """Divide the entries of one poll into new and seen ones; each episode is seen at most once."""
        entries = tuple(entries)
        sure = [(e, self._same_guid(e) or self._by_enclosure.get(normalise_enclosure(e.enclosure_url))) for e in entries]
        missing = _Missing(self._known, [(e, k) for e, k in sure if k], [e for e, k in sure if not k])
        new: dict[str, FeedEntry] = {}
        seen: dict[int, FeedEntry] = {}
        guids: set[str] = set()
        for entry, match in sure:
            found = match or missing.take(entry)
            if found:
                # The entry that carries the episode's own guid describes it better than a copy of it.
                if found.episode_id not in seen or entry.guid == found.guid:
                    seen[found.episode_id] = entry
            elif entry.guid not in guids:
                guids.add(entry.guid)
                new.setdefault(normalise_enclosure(entry.enclosure_url), entry)
        reused = (self._by_guid[e.guid].episode_id for e in new.values() if e.guid in self._by_guid)
        return Decision(tuple(new.values()), tuple(seen.items()), tuple(reused))

    def _same_guid(self, entry: FeedEntry) -> Known | None:
        found = self._by_guid.get(entry.guid) or self._spelled_otherwise(entry)
        return None if found is None or _another_broadcast(found, entry) else found

    def _spelled_otherwise(self, entry: FeedEntry) -> Known | None:
        """Return the episode whose guid differs only in how ampersands were decoded, if there is exactly one."""
        if "&" not in entry.guid:
            return None
        if self._by_spelling is None:
            self._by_spelling = {}
            for episode in self._known:
                if episode.guid and ("&" in episode.guid or not episode.guid.isascii()):
                    self._by_spelling.setdefault(spelling(episode.guid), []).append(episode)
        found = self._by_spelling.get(spelling(entry.guid), [])
        return found[0] if len(found) == 1 else None


class _Missing:
    """Episodes that no entry of a poll matched by guid or enclosure. `take` finds each of them at most once."""

    def __init__(
        self, known: Iterable[Known], matched: Sequence[tuple[FeedEntry, Known]], unmatched: Sequence[FeedEntry]
    ) -> None:
        ids = {k.episode_id for _, k in matched}
        # Episodes older than this have dropped off the feed's end. The later of both dates counts, because an old item that
        # was re-published at the top does not show where the feed ends.
        dates = (max(e.published_at, k.published_at) for e, k in matched if e.published_at and k.published_at)
        self._oldest = min(dates, default=float("inf"))
        self._by_title: dict[tuple[str, int], list[Known]] = {}
        self._of_name: Counter[tuple[str, int]] = Counter()
        self._at_moment: dict[tuple[str, float], list[Known]] = {}
        self._asking = Counter(_moment_key(e.title, e.published_at) for e in unmatched)
        self._free = {k.episode_id for k in known} - ids
        for episode in known:
            moment = _moment_key(episode.title, episode.published_at)
            if moment:
                self._at_moment.setdefault(moment, []).append(episode)
            key = _title_key(episode.title, episode.duration)
            if key:
                self._of_name[key] += 1
                if episode.episode_id not in ids:
                    self._by_title.setdefault(key, []).append(episode)

    def take(self, entry: FeedEntry) -> Known | None:
        found = self._of_length(entry) or self._of_moment(entry)
        if found is None or found.episode_id not in self._free:
            return None
        self._free.discard(found.episode_id)
        return found

    def _of_moment(self, entry: FeedEntry) -> Known | None:
        """Return the episode with the same title and date, if exactly one episode and one unmatched entry have them."""
        key = _moment_key(entry.title, entry.published_at)
        found = self._at_moment.get(key, []) if key else []
        return found[0] if len(found) == 1 and self._asking[key] == 1 else None

    def _of_length(self, entry: FeedEntry) -> Known | None:
        key = _title_key(entry.title, entry.duration)
        if key is None or key not in self._by_title:
            return None
        candidates = [k for k in self._by_title[key] if k.episode_id in self._free]
        found = min(candidates, key=lambda k: _apart(k, entry), default=None)
        if found is None or not (_apart(found, entry) <= SAME_DATE or (self._of_name[key] == 1 and self._from_the_midst(found))):
            return None
        return found

    def _from_the_midst(self, episode: Known) -> bool:
        return (episode.published_at or 0.0) > self._oldest


def _apart(episode: Known, entry: FeedEntry) -> float:
    """Return the seconds between the two dates; 0 if one of them is missing."""
    if episode.published_at is None or entry.published_at is None:
        return 0.0
    return abs(episode.published_at - entry.published_at)


def _another_broadcast(episode: Known, entry: FeedEntry) -> bool:
    """Return whether title, audio and date are all known and all differ."""
    if not (episode.enclosure_url and episode.title.strip() and entry.title.strip()):
        return False
    return (
        _words(episode.title) != _words(entry.title)
        and _apart(episode, entry) > SAME_DATE
        and normalise_enclosure(episode.enclosure_url) != normalise_enclosure(entry.enclosure_url)
    )


def changed(episode: Known, entry: FeedEntry) -> bool:
    """Return whether the feed's data of the episode changed since the last poll."""
    return episode.digest != entry.digest


def _title_key(title: str, duration: float | None) -> tuple[str, int] | None:
    words = _words(title)
    return (words, round(duration)) if words and duration else None


def _moment_key(title: str, published_at: float | None) -> tuple[str, float] | None:
    words = _words(title)
    return (words, published_at) if words and published_at is not None else None


# Cached, because one poll normalises each title several times.
@lru_cache(maxsize=1024)
def _words(title: str) -> str:
    return " ".join(title.casefold().split())

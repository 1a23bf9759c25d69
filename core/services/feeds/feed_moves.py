"""Feeds that announce a new URL (`itunes:new-feed-url`).

announced URL ─▶ a different place? ─▶ fetch: a feed with episodes? ─┬─ yes ─▶ the feed moves; its own announcement is followed
                                                                     └─ no ──▶ the feed stays; the next poll tries again
a cycle, or more than MOST_MOVES ─▶ the feed stays at its original URL
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.feeds.feed import ParsedFeed
from core.domain.feeds.feed_address import leads_elsewhere
from core.domain.feeds.remarks import FeedRemarks
from core.services.feeds.paging import Walk
from core.sources.feeds.fetch import FetchedFeed, NotModified

MOST_MOVES = 3


@dataclass(frozen=True, slots=True)
class MoveReading:
    """The result of fetching a feed. `home`: its current URL; `parsed` and `standing`: None if the feed is unchanged;
    `moves_to`: the URL that it announces; `walk`: the walk through its older pages, if there was one."""

    home: str
    answer: FetchedFeed | NotModified
    parsed: ParsedFeed | None
    moves_to: str | None = None
    standing: FeedRemarks | None = None
    walk: Walk | None = None


Look = Callable[[str], MoveReading | None]


def follow(reading: MoveReading, look: Look) -> MoveReading:
    """Follow announced moves and return the final feed. `moves_to` stays set if the feed there could not be read yet.

    `look` returns the feed at a URL, or None if there is none.
    """
    here, passed = reading, [reading.home]
    while here.moves_to and leads_elsewhere(here.home, here.moves_to):
        if len(passed) > MOST_MOVES or not _new(here.moves_to, passed):
            return replace(reading, moves_to=None)
        there = look(here.moves_to)
        if there is None:
            return here
        if not leads_elsewhere(here.home, there.home):
            break
        if not _new(there.home, passed):
            return replace(reading, moves_to=None)
        passed.append(there.home)
        here = there
    return replace(here, moves_to=None)


def _new(address: str, passed: list[str]) -> bool:
    return all(leads_elsewhere(before, address) for before in passed)

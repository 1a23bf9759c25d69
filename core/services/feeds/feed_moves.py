"""Feeds that say of themselves where they live from now on (`itunes:new-feed-url`).

it names a place ─▶ elsewhere? ─▶ looked at: a feed with episodes? ─┬─ yes ─▶ it lives there; that feed's own word counts on
                                                                    └─ no ──▶ it stays; looked at again with the next poll
back to where it came from, or on and on ─▶ it stays where it was
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
    """What a publisher answered: where the feed lives, `parsed` and its `standing` unless it is as it was, `moves_to` where it
    says that it goes; `walk` through its pages, where there was one."""

    home: str
    answer: FetchedFeed | NotModified
    parsed: ParsedFeed | None
    moves_to: str | None = None
    standing: FeedRemarks | None = None
    walk: Walk | None = None


Look = Callable[[str], MoveReading | None]


def follow(reading: MoveReading, look: Look) -> MoveReading:
    """The feed where it lives in the end; `moves_to` is left where that could not be read yet.

    `look` gives the feed at an address, None where there is none.
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

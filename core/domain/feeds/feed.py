"""Feeds, their entries, and the pure decisions about them.

poll ─▶ ParsedFeed ─▶ Decider.decide ─▶ new ─▶ to_transcribe ─▶ jobs
  ▲                                └──▶ seen ─▶ changed? ─▶ the episode is updated
  └──────────── polling.next_poll ◀────┘
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.episodes.publisher_extras import Offer, SuppliedChapter
from core.domain.feeds.people import Person
from core.domain.feeds.polling import Rhythm
from core.errors import AccessRefused, FeedForbidden, NotAFeed

NEWEST_TRANSCRIBED = 3
OLD_NEWS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription. Times are Unix seconds. `backlog`: how many of the episodes that were there at subscription are
    transcribed by themselves; `auto_transcribe`: whether later ones are. `failures` counts polls failed in a row; `error` is
    the last one's `{code, detail, params}`, None when the publisher answered. `gap` (seconds between its newest entries),
    `newest_at` and `ttl` (seconds) are what it said when it was parsed last: see polling. `moves_to` is where it says that it
    lives from now on, and could not be read yet; `podcast_guid` is the show's name wherever it is hosted. `items`,
    `with_audio`, `cut_off` and `complete` are what its document was like when it was parsed last: see standing. `former_url` is
    where it was read before its address was changed by hand. `folder` is where somebody sorted it in, as in feed_folder. `pages`
    of it were read when it was subscribed to; `next_page` is one that could not be, after `page_tries` tries since, or, with
    `pages_enough`, one that is not asked for, because no more is read of a feed. `reader` is the version of the program's reader
    that parsed it last."""

    id: int
    url: str
    title: str
    created_at: float
    description: str = ""
    author: str = ""
    link: str | None = None
    image_url: str | None = None
    language: str | None = None
    auto_transcribe: bool = True
    backlog: int = NEWEST_TRANSCRIBED
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_poll_at: float = 0.0
    last_polled_at: float | None = None
    last_success_at: float | None = None
    failures: int = 0
    error: Mapping[str, Any] | None = None
    gap: float | None = None
    newest_at: float | None = None
    ttl: float | None = None
    moves_to: str | None = None
    podcast_guid: str | None = None
    items: int | None = None
    with_audio: int | None = None
    cut_off: bool = False
    complete: bool = False
    longest_gap: float | None = None
    former_url: str | None = None
    folder: str = ""
    pages: int = 0
    next_page: str | None = None
    page_tries: int = 0
    pages_enough: bool = False
    reader: int = 0

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.gap, self.newest_at, self.longest_gap)

    @property
    def turned_away(self) -> bool:
        """Whether the server refused the program rather than the address: another user agent may be let in."""
        code, status = (self.error or {}).get("code"), ((self.error or {}).get("params") or {}).get("status")
        return code == FeedForbidden.code or (code == AccessRefused.code and status in (401, 403))

    @property
    def offered(self) -> tuple[str, ...]:
        """Addresses of feeds that the web page declares which was found in its place."""
        params = (self.error or {}).get("params") or {}
        return tuple(str(params.get("feeds") or "").split()) if (self.error or {}).get("code") == NotAFeed.code else ()


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a parsed feed, cleaned: text without markup except `description`, which nh3 cleaned; http(s) URLs only.

    `number` is that of the episode within its `season`, `kind` full, trailer or bonus; each None when the feed does not say.
    """

    guid: str
    title: str
    enclosure_url: str
    enclosure_type: str | None = None
    enclosure_bytes: int | None = None
    description: str = ""
    link: str | None = None
    image_url: str | None = None
    published_at: float | None = None
    duration: float | None = None
    offers: tuple[Offer, ...] = ()
    season: int | None = None
    number: float | None = None
    kind: str | None = None
    people: tuple[Person, ...] = ()
    # Out of `repr`, so that what has none keeps its digest.
    chapters: tuple[SuppliedChapter, ...] = field(default=(), repr=False)

    def __hash__(self) -> int:
        return hash((self.guid, self.enclosure_url))

    @property
    def digest(self) -> str:
        """Of all that the feed says: another one means that something changed."""
        said = repr(self) + (repr(self.chapters) if self.chapters else "")
        return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's own data and its entries, newest first. `ttl` is seconds, if the feed names one; `moves_to` is where it says
    that it lives from now on; `podcast_guid` is the show's name wherever it is hosted; `next_page` holds older entries."""

    title: str
    description: str = ""
    author: str = ""
    link: str | None = None
    image_url: str | None = None
    language: str | None = None
    ttl: float | None = None
    moves_to: str | None = None
    podcast_guid: str | None = None
    next_page: str | None = None
    entries: tuple[FeedEntry, ...] = field(default_factory=tuple)


def to_transcribe(
    new: Iterable[FeedEntry], *, first_poll: bool, backlog: int, auto: bool, subscribed_at: float
) -> tuple[FeedEntry, ...]:
    """Those of the new entries (newest first) that are transcribed without being asked for.

    At the first poll the `backlog` newest; later all, if `auto`, but for those that were published long before the
    subscription: a publisher who opens the archive does not fill the queue.
    """
    if first_poll:
        return tuple(new)[: max(backlog, 0)]
    if not auto:
        return ()
    return tuple(e for e in new if e.published_at is None or e.published_at > subscribed_at - OLD_NEWS)

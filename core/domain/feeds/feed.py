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
    """A subscription. Times are Unix seconds.

    `backlog`: how many of the episodes that existed at subscription are transcribed automatically; `auto_transcribe`: whether
    later ones are. `failures`: failed polls in a row; `error`: `{code, detail, params}` of the last one, None after a success.
    From the last parse: `gap` (seconds between the newest entries), `newest_at`, `ttl` (seconds), see polling; `items`,
    `with_audio`, `cut_off`, `complete`, see standing; `reader`, the version of the parser.
    `moves_to`: the new URL that the feed announces and that could not be read yet; `podcast_guid`: the show's id at any host;
    `former_url`: its URL before the user changed it; `folder`: the user's folder for it, see feed_folder.
    `pages`: how many pages were read at subscription; `next_page`: a page that could not be read in `page_tries` tries, or, with
    `pages_enough`, the first one beyond the limit of pages, which is not fetched.
    """

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
        """Return whether the server refused the client rather than the URL: another user agent may be accepted."""
        code, status = (self.error or {}).get("code"), ((self.error or {}).get("params") or {}).get("status")
        return code == FeedForbidden.code or (code == AccessRefused.code and status in (401, 403))

    @property
    def offered(self) -> tuple[str, ...]:
        """Return the feed URLs declared by the web page that was found at the feed's URL."""
        params = (self.error or {}).get("params") or {}
        return tuple(str(params.get("feeds") or "").split()) if (self.error or {}).get("code") == NotAFeed.code else ()


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a parsed feed, cleaned: text without markup except `description`, which nh3 cleaned; http(s) URLs only.

    `number` is that of the episode within its `season`, `kind` full, trailer or bonus; each is None if the feed does not say.
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
    # Excluded from `repr`, so that entries without chapters keep the digest that they had before this field existed.
    chapters: tuple[SuppliedChapter, ...] = field(default=(), repr=False)

    def __hash__(self) -> int:
        return hash((self.guid, self.enclosure_url))

    @property
    def digest(self) -> str:
        """Return a hash of all fields: a different one means that the entry changed."""
        said = repr(self) + (repr(self.chapters) if self.chapters else "")
        return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's own data and its entries, newest first. `ttl` is seconds, if the feed names one; `moves_to` is the new URL that it
    announces; `podcast_guid` is the show's id at any host; `next_page` is the URL of a page with older entries."""

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
    """Return the new entries (newest first) to transcribe automatically.

    At the first poll these are the `backlog` newest; later all, if `auto`, except those published more than a week before the
    subscription, so that a publisher who opens the archive does not fill the queue.
    """
    if first_poll:
        return tuple(new)[: max(backlog, 0)]
    if not auto:
        return ()
    return tuple(e for e in new if e.published_at is None or e.published_at > subscribed_at - OLD_NEWS)

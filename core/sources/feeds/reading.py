"""A feed's body into a domain feed, wherever that is best done.

    up to 2 MB, and plain         ─▶ feed_quick, here
    up to 2 MB, and tame          ─▶ feed_parse, here
    larger, or of no feed's shape ─▶ confined: core.sources.feeds.worker ─▶ JSON ─▶ ParsedFeed

What a tame feed can do to this process is bounded; any other, however small, is parsed where memory and processor time are
limited, and where it keeps no other thread waiting.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from core.domain.episodes.publisher_extras import ExtraKind, Offer, SuppliedChapter
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.feeds.feed_address import shown
from core.domain.feeds.people import Person
from core.errors import TooLarge, Transient
from core.sandbox import run
from core.sources.encodings import as_utf8
from core.sources.feeds.ampersands import mended
from core.sources.feeds.parse import no_feed, parse, plainly
from core.sources.feeds.shape import tame
from core.sources.feeds.worker import NO_FEED

log = logging.getLogger(__name__)

LARGE = 2_000_000
TIMEOUT = 90.0
UTF8 = "application/xml; charset=utf-8"


def read_feed(body: bytes, url: str, content_type: str = "", *, check: Callable[[], None] | None = None) -> ParsedFeed:
    """Parses a body fetched from `url`. `check` is asked a few times a second while a large one is parsed, and raises to end it.

    Raises NotAFeed, TooLarge when its parsing takes more memory or time than it may, Transient when it was ended otherwise.
    """
    if len(body) <= LARGE:
        body, content_type = as_utf8(body, content_type), UTF8
        found = plainly(body, url)
        if found is None and (better := mended(body)) != body:
            body = better
            found = plainly(body, url)
        if found is not None:
            return found
        if tame(body):
            return parse(body, url, content_type)
    return _apart(body, url, content_type, check)


def _apart(body: bytes, url: str, content_type: str, check: Callable[[], None] | None) -> ParsedFeed:
    asked = json.dumps({"url": url, "content_type": content_type}).encode() + b"\n"
    ended = run("core.sources.feeds.worker", given=(asked, body), timeout=TIMEOUT, check=check)
    if ended.code == 0:
        return from_json(ended.output)
    if ended.code == NO_FEED:
        raise no_feed(url)
    log.warning("the process that parses a feed ended with %d: %s", ended.code, ended.said)
    if ended.late or ended.crashed or "MemoryError" in ended.said:
        raise TooLarge(
            f"{shown(url)} is a feed that takes more memory or time to read than CastMind gives to one. Its episodes are kept, "
            "and it is asked again later.",
            limit=len(body),
        )
    raise Transient(f"{shown(url)} could not be read: the process that does it ended early. It is asked again later.")


def from_json(text: bytes) -> ParsedFeed:
    values: dict[str, Any] = json.loads(text)
    return ParsedFeed(**{**values, "entries": tuple(_entry(e) for e in values["entries"])})


def _entry(values: dict[str, Any]) -> FeedEntry:
    found = (Offer(**{**o, "kind": ExtraKind(o["kind"])}) for o in values["offers"])
    people = (Person(**p) for p in values["people"])
    chapters = (SuppliedChapter(**c) for c in values["chapters"])
    return FeedEntry(**{**values, "offers": tuple(found), "people": tuple(people), "chapters": tuple(chapters)})

"""Parse a feed's body in this process if that is safe, otherwise in a confined one.

    up to 2 MB, and plain ─▶ quick_parse, here
    up to 2 MB, and tame  ─▶ parse, here
    larger, or not tame   ─▶ confined: core.sources.feeds.worker ─▶ JSON ─▶ ParsedFeed

A tame feed takes bounded time and memory. Any other, however small, is parsed in a process with limited memory and processor
time, where it blocks no other thread.
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
    """Parse a body fetched from `url`. `check` is called a few times a second while a large one is parsed; it raises to cancel.

    Raises NotAFeed, TooLarge if parsing exceeds its limit of memory or time, Transient if the process ended early otherwise.
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
            case="feed",
        )
    raise Transient(
        f"{shown(url)} could not be read: the process that does it ended early. It is asked again later.", case="feed"
    )


def from_json(text: bytes) -> ParsedFeed:
    values: dict[str, Any] = json.loads(text)
    return ParsedFeed(**{**values, "entries": tuple(_entry(e) for e in values["entries"])})


def _entry(values: dict[str, Any]) -> FeedEntry:
    found = (Offer(**{**o, "kind": ExtraKind(o["kind"])}) for o in values["offers"])
    people = (Person(**p) for p in values["people"])
    chapters = (SuppliedChapter(**c) for c in values["chapters"])
    return FeedEntry(**{**values, "offers": tuple(found), "people": tuple(people), "chapters": tuple(chapters)})

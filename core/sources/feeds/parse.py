"""Parse a feed's body into a domain feed: RSS, Atom, iTunes and Podcasting 2.0 by feedparser, and JSON Feed.

    bytes ─▶ encodings, ampersands ─▶ feedparser (extended by podcast_tags) ─▶ entries with audio ─▶ sanitize ─▶ ParsedFeed,
                                                                                                                newest first

The format is recognised by the bytes, not by the server's Content-Type. Titles and names become plain text, descriptions keep a
few harmless tags, and URLs that are not http or https are dropped.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO
from xml.sax.saxutils import unescape

import feedparser

from core.domain.episodes import show_notes
from core.domain.feeds.enclosure_name import normalise_enclosure
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.feeds.feed_address import shown
from core.domain.feeds.people import Person
from core.errors import NotAFeed
from core.sources.encodings import as_utf8
from core.sources.feeds import json_feed, podcast_tags
from core.sources.feeds.ampersands import mended
from core.sources.feeds.dates import moment
from core.sources.feeds.durations import seconds
from core.sources.feeds.enclosures import enclosure
from core.sources.feeds.quick import quick_parse
from core.sources.publisher import chapters
from core.sources.sanitize import clean_html, clean_line, web_url

log = logging.getLogger(__name__)

# Increase it when a version reads more of a feed than the one before: known feeds are then parsed again.
READER = 1
_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
_GUID_LENGTH = 1000
_LEFT_ESCAPED = {"id", "itunes_new-feed-url"}
# Characters of a clean description. A longer one holds text; only a shorter one is checked for being nothing but tags.
_SAYS_SOMETHING = 300


def parse(body: bytes | BinaryIO, url: str, content_type: str = "") -> ParsedFeed:
    """Parse a body fetched from `url`. Raises NotAFeed.

    Only the charset of `content_type` is used, and only if the bytes leave a doubt (see encodings). Pass a large body as a file,
    so that it is not held in memory twice.
    """
    text = as_utf8(body if isinstance(body, bytes) else body.read(), content_type)
    if json_feed.looks_like_one(text):
        found = json_feed.read(text)
        if found is None:
            raise no_feed(url)
        return _feed(*found, url)
    # Without a base feedparser leaves guids alone. Otherwise it makes them absolute, and they change when the feed moves.
    # nh3 resolves links and sanitizes markup in a third of the time.
    try:
        document = feedparser.parse(
            io.BytesIO(mended(text)),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        # feedparser raises on some broken documents, such as a space in the name of a namespace.
        log.info("a document is no feed that can be read: %s", type(error).__name__)
        raise no_feed(url) from error
    if not document.get("version") or (not document.entries and not document.feed):
        raise no_feed(url)
    if document.get("bozo"):
        _unescape(document.feed, *document.entries)
    return _feed(document.feed, document.entries, url)


def _unescape(*elements: dict[str, Any]) -> None:
    """Unescape the values that feedparser's fallback parser leaves escaped, which reads documents that are not well-formed."""
    for element in elements:
        for name in _LEFT_ESCAPED & element.keys():
            element[name] = unescape(str(element[name]), {"&quot;": '"', "&apos;": "'"})


def quickly(body: bytes, url: str, content_type: str = "") -> ParsedFeed | None:
    """Parse a plain feed in a fraction of the time that `parse` takes; return None for any other document."""
    return plainly(as_utf8(body, content_type), url)


def plainly(text: bytes, url: str) -> ParsedFeed | None:
    """Parse like `quickly`, from text that is UTF-8 already."""
    found = quick_parse.read(text)
    return _feed(found.feed, found.entries, url) if found else None


def no_feed(url: str) -> NotAFeed:
    return NotAFeed(f"{shown(url)} answers, but not with a podcast feed. Look for the address named RSS on the podcast's page.")


def _feed(feed: Mapping[str, Any], entries: list[dict[str, Any]], url: str) -> ParsedFeed:
    everybody = podcast_tags.people(feed, url)
    found = [entry for raw in _let_go(entries) if (entry := _entry(raw, url, everybody)) is not None]
    return ParsedFeed(
        title=clean_line(_text(feed, "title")) or shown(url),
        description=_description((_text(feed, "subtitle"), _text(feed, "summary")), url),
        author=clean_line(_text(feed, "author") or _text(feed, "publisher")),
        link=web_url(feed.get("link"), url),
        image_url=_image(feed, url),
        language=clean_line(_text(feed, "language"), 20) or None,
        ttl=_ttl(feed),
        moves_to=podcast_tags.moves_to(feed, url),
        podcast_guid=podcast_tags.show_guid(feed),
        next_page=podcast_tags.next_page(feed, url),
        entries=_newest_first(_unique_guids(found)),
    )


def _let_go(entries: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the entries in order and drop each, so that thousands of them are not held beside the parsed ones."""
    entries.reverse()
    while entries:
        yield entries.pop()


def _entry(raw: Mapping[str, Any], url: str, everybody: tuple[Person, ...]) -> FeedEntry | None:
    """Return one item as an entry; None if it has no audio or video to fetch. An item without people gets those of the show."""
    attached = enclosure(raw, url)
    if attached is None:
        return None
    address, kind, size = attached
    contents = [c.get("value") for c in raw.get("content") or ()]
    return FeedEntry(
        guid=_text(raw, "id").strip()[:_GUID_LENGTH] or normalise_enclosure(address),
        title=clean_line(_text(raw, "title")),
        enclosure_url=address,
        enclosure_type=kind,
        enclosure_bytes=size,
        description=_description((*contents, _text(raw, "summary"), _text(raw, "subtitle")), url),
        link=web_url(raw.get("link"), url),
        image_url=_image(raw, url),
        published_at=_published(raw),
        duration=seconds(_text(raw, "itunes_duration")),
        offers=podcast_tags.offers(raw, url),
        season=podcast_tags.season(raw),
        number=podcast_tags.number(raw),
        kind=podcast_tags.kind(raw),
        people=podcast_tags.people(raw, url) or everybody,
        chapters=chapters.simple(raw.get("psc_chapters") or (), url),
    )


def _description(texts: Iterable[object], url: str) -> str:
    """Return the first text that is not empty once cleaned: some feeds have an empty element or tags beside a full one."""
    cleaned = (clean_html(text, base=url) for text in texts if isinstance(text, str) and text)
    return next((text for text in cleaned if len(text) > _SAYS_SOMETHING or show_notes.lines(text)), "")


def _published(raw: Mapping[str, Any]) -> float | None:
    """Return the Unix time of the publisher's own date text: feedparser turns some unreadable dates into days of this month."""
    # Look at the dictionary's own keys: for a missing date, feedparser's `get` returns another one and warns.
    texts = (raw[name] for name in ("published", "updated", "created") if name in raw.keys())  # noqa: SIM118
    return next((found for text in texts if isinstance(text, str) and (found := moment(text)) is not None), None)


def _ttl(feed: Mapping[str, Any]) -> float | None:
    """Return <ttl> (given in minutes) or the syndication module's period, in seconds; None without either."""
    ttl = _text(feed, "ttl").strip()
    if ttl.isdecimal() and len(ttl) < 8:
        return float(ttl) * 60.0 or None
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    frequency = _text(feed, "sy_updatefrequency").strip()
    return period / max(int(frequency) if frequency.isdecimal() else 1, 1) if period else None


def _image(raw: Mapping[str, Any], url: str) -> str | None:
    """Return the URL of the element's image, else Atom's logo, else the largest thumbnail, else the icon."""
    image = raw.get("image")
    named = (image.get("href") or image.get("url")) if isinstance(image, Mapping) else None
    thumbnails = sorted(raw.get("media_thumbnail") or (), key=_width, reverse=True)
    candidates = (named, raw.get("logo"), *(each.get("url") for each in thumbnails[:5]), raw.get("icon"))
    return next((address for each in candidates if (address := web_url(each, url))), None)


def _width(thumbnail: Mapping[str, Any]) -> int:
    text = str(thumbnail.get("width") or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _unique_guids(entries: list[FeedEntry]) -> list[FeedEntry]:
    """Replace a guid that items with different audio share by each item's normalised enclosure URL."""
    often = {guid for guid, n in Counter(e.guid for e in entries).items() if n > 1}
    audio = {(e.guid, normalise_enclosure(e.enclosure_url)) for e in entries if e.guid in often}
    shared = {guid for guid, n in Counter(guid for guid, _ in audio).items() if n > 1}
    return [replace(e, guid=normalise_enclosure(e.enclosure_url)) if e.guid in shared else e for e in entries]


def _newest_first(entries: list[FeedEntry]) -> tuple[FeedEntry, ...]:
    return tuple(sorted(entries, key=lambda e: -(e.published_at if e.published_at is not None else float("-inf"))))

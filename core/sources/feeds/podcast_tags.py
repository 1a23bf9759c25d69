"""Extend feedparser with tags of Podcasting 2.0, and read those tags and iTunes' from its result.

    <podcast:transcript url=…/>, <podcast:chapters url=…/>     all are kept ─▶ offers
    <podcast:person role=…>name</podcast:person>               all are kept ─▶ people, of the item or of the show
    <podcast:season>, <podcast:episode>, <itunes:season>, …    the newer names win ─▶ season, number, kind
    <itunes:new-feed-url>, <podcast:guid>                      of the show ─▶ moves_to, show_guid
    <psc:chapter start=…/>                                     all are kept, in the item
    <atom:link rel="next" href=…/>, rel="prev-archive"         of the show ─▶ next_page
    <atom:link rel="enclosure" href=…/>                        gets no default type

`podcast:value` and all other tags are ignored.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from feedparser.mixin import _FeedParserMixin

from core.domain.episodes.publisher_extras import ExtraKind, Offer
from core.domain.feeds.feed_credentials import without_user
from core.domain.feeds.people import Person
from core.sources.sanitize import clean_line, web_url

MOST_OFFERS = 20
MOST_PEOPLE = 50
MOST_CHAPTERS = 500
# Characters. In a longer author no e-mail address is searched.
LONGEST_AUTHOR = 500
_OFFERED = tuple((kind, f"podcast_{kind.value}") for kind in ExtraKind)
_NUMBER = re.compile(r"\d{1,7}(?:\.\d{1,3})?")
_PAGES = ("next", "prev-archive")
EPISODE_KINDS = ("full", "trailer", "bonus")
_OLD_ENCLOSURE = {"href": "rdf:resource", "type": "enc:type", "length": "enc:length"}


# --- extensions of feedparser ---------------------------------------------------------------------


def _keep_each(kind: ExtraKind) -> Callable[[Any, dict[str, str]], None]:
    """Return a handler for an empty element that keeps each occurrence; feedparser keeps only the last one of an item."""

    def start(parser: Any, attributes: dict[str, str]) -> None:
        parser._get_context().setdefault(f"podcast_{kind.value}", []).append(dict(attributes))

    return start


def _start_person(parser: Any, attributes: dict[str, str]) -> None:
    parser._get_context().setdefault("podcast_people", []).append(dict(attributes))
    parser.push("podcast_name", 1)


def _end_person(parser: Any) -> None:
    name = parser.pop("podcast_name")
    # An end tag may come without a start tag.
    if people := parser._get_context().get("podcast_people"):
        people[-1]["name"] = name


def _start_old_enclosure(parser: Any, attributes: dict[str, str]) -> None:
    """Handle the enclosures of RSS 1.0, which come from a separate module."""
    parser._start_enclosure({plain: attributes[name] for plain, name in _OLD_ENCLOSURE.items() if name in attributes})


def _start_chapters(parser: Any, _attributes: dict[str, str]) -> None:
    parser._get_context().setdefault("psc_chapters", [])


def _start_chapter(parser: Any, attributes: dict[str, str]) -> None:
    """Keep a chapter's attributes; feedparser's own handler fails on a chapter without a start."""
    kept = parser._get_context().get("psc_chapters")
    if kept is not None and len(kept) < MOST_CHAPTERS:
        kept.append(dict(attributes))


def _end_chapters(_parser: Any) -> None:
    return None


def _start_link(parser: Any, attributes: dict[str, str]) -> None:
    """Handle a link; drop the default type text/html that feedparser gives to an enclosure without one."""
    untyped = "type" not in attributes
    _ORIGINAL_LINK(parser, attributes)
    links: list[dict[str, str]] = parser._get_context().get("links") or []
    if untyped and links and links[-1].get("rel") == "enclosure":
        links[-1].pop("type", None)


def _sync_author(parser: Any, key: str = "author") -> None:
    """Skip feedparser's search for an e-mail address in a long author: its time grows with the square of the length."""
    context = parser._get_context()
    detail = context.get(f"{key}s", [{}])[-1]
    author = context.get(key)
    if detail or not isinstance(author, str) or len(author) <= LONGEST_AUTHOR:
        _ORIGINAL_SYNC(parser, key)
        return
    context.setdefault(f"{key}_detail", detail)
    detail["name"] = author


def _teach_text(name: str) -> None:
    """Register an element whose text is kept; feedparser keeps only the attributes of an element that has any."""
    setattr(_FeedParserMixin, f"_start_{name}", lambda parser, _: parser.push(name, 1))
    setattr(_FeedParserMixin, f"_end_{name}", lambda parser: parser.pop(name))


# feedparser looks handlers up by name on its parsers' common base, and offers no other way to add a namespace.
for _kind in ExtraKind:
    setattr(_FeedParserMixin, f"_start_podcast_{_kind.value}", _keep_each(_kind))
for _name in ("podcast_guid", "podcast_season", "podcast_episode", "itunes_new-feed-url"):
    _teach_text(_name)
_ORIGINAL_LINK = _FeedParserMixin._start_link
_FeedParserMixin._start_link = _start_link
_ORIGINAL_SYNC = _FeedParserMixin._sync_author_detail
_FeedParserMixin._sync_author_detail = _sync_author
_FeedParserMixin._start_psc_chapters = _start_chapters
_FeedParserMixin._start_psc_chapter = _start_chapter
_FeedParserMixin._end_psc_chapters = _end_chapters
_FeedParserMixin._start_podcast_person = _start_person
_FeedParserMixin._end_podcast_person = _end_person
_FeedParserMixin._start_enc_enclosure = _start_old_enclosure
_FeedParserMixin.namespaces["http://purl.oclc.org/net/rss_2.0/enc#"] = "enc"
_FeedParserMixin.namespaces["https://podcastindex.org/namespace/1.0"] = "podcast"
_FeedParserMixin.namespaces["https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"] = "podcast"


# --- read from its result -------------------------------------------------------------------------


def offers(raw: Mapping[str, Any], url: str) -> tuple[Offer, ...]:
    """Return the targets of podcast:transcript and podcast:chapters, each URL once."""
    found: dict[tuple[ExtraKind, str], Offer] = {}
    for kind, name in _OFFERED:
        for tag in raw.get(name, ()):
            address = web_url(tag.get("url"), url)
            if address:
                media_type = clean_line(str(tag.get("type") or ""), 100).lower() or None
                language = clean_line(str(tag.get("language") or ""), 20) or None
                found.setdefault((kind, address), Offer(kind, address, media_type, language))
    return tuple(found.values())[:MOST_OFFERS]


def people(raw: Mapping[str, Any], url: str) -> tuple[Person, ...]:
    """Return the people, each name once in each role, in the publisher's order."""
    found: dict[tuple[str, str], Person] = {}
    for tag in raw.get("podcast_people", ())[:MOST_PEOPLE]:
        name = clean_line(str(tag.get("name") or ""), 200)
        role = clean_line(str(tag.get("role") or ""), 50).lower() or "host"
        if name:
            found.setdefault((name, role), Person(name, role, web_url(tag.get("href"), url)))
    return tuple(found.values())


def moves_to(raw: Mapping[str, Any], url: str) -> str | None:
    """Return the feed's announced new URL, without a user, like a redirect's; None without one."""
    address = web_url(raw.get("itunes_new-feed-url"), url)
    return without_user(address)[0] if address else None


def next_page(raw: Mapping[str, Any], url: str) -> str | None:
    """Return the URL of the page with older entries (RFC 5005); None if there is none."""
    links = [(str(link.get("rel") or "").lower().rpartition("/")[2], link.get("href")) for link in raw.get("links") or ()]
    return next((address for rel in _PAGES for said, href in links if said == rel and (address := web_url(href, url))), None)


def show_guid(raw: Mapping[str, Any]) -> str | None:
    """Return the show's podcast:guid, a UUID in lower case that stays when its host changes; None if missing or all zeros."""
    try:
        guid = uuid.UUID(str(raw.get("podcast_guid") or "").strip())
    except ValueError:
        return None
    return str(guid) if guid.int else None


def season(raw: Mapping[str, Any]) -> int | None:
    number = _first_number(raw, "podcast_season", "itunes_season")
    return int(number) if number is not None else None


def number(raw: Mapping[str, Any]) -> float | None:
    """Return the episode's number in its season, which may be a fraction such as 4.5; None if not given."""
    return _first_number(raw, "podcast_episode", "itunes_episode")


def kind(raw: Mapping[str, Any]) -> str | None:
    """Return full, trailer or bonus; None if not given."""
    said = str(raw.get("itunes_episodetype") or "").strip().lower()
    return said if said in EPISODE_KINDS else None


def _first_number(raw: Mapping[str, Any], *names: str) -> float | None:
    for name in names:
        if (said := raw.get(name)) and _NUMBER.fullmatch(text := str(said).strip()):
            return float(text)
    return None

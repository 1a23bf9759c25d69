"""Handle each kind of element as feedparser does: the state of one pass over a feed, and its start and end handlers.

    start of an element ─▶ begin[kind](key, attributes) ─▶ another kind, if the attributes decide
    its end, with its text ─▶ finish[kind](key, text) ─▶ a value in `found`

The parser finds a handler in `_begin` and `_finish` and calls it directly: each call more would be one for every element.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin

from core.sources.feeds.quick.elements import ElementKind

# Authors of the show, with their parts: feedparser goes through the existing ones at each further one.
MOST_AUTHORS = 60
LANGUAGE = "http://www.w3.org/xml/1998/namespace lang"
_HTML = ("html", "xhtml", "text/html", "application/xhtml+xml")
_TEXT_TYPES = (None, "text", "plain", "html", "text/plain", "text/html")


@dataclass(slots=True)
class QuickFeed:
    """The values of a feed, under feedparser's names, limited to those that `feed_parse` reads."""

    feed: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)


class UnknownElementError(Exception):
    """The feed has a construct that only feedparser handles."""


def _settled(text: str) -> str:
    """Repair a text as feedparser does: undo UTF-8 decoded as Latin-1, and then Windows-1252 characters in it."""
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_cp1252)


def _href(attributes: dict[str, str]) -> dict[str, str]:
    """Store the URL under the single name `href`, whichever attribute the publisher uses."""
    address = attributes.get("url", attributes.get("uri", attributes.get("href")))
    if address:
        attributes.pop("url", None)
        attributes.pop("uri", None)
        attributes["href"] = address
    return attributes


class ElementHandlers:
    """`_stack` holds the kinds of the open elements; `_table` the elements allowed at the current place."""

    def __init__(self) -> None:
        self.found = QuickFeed()
        self._context: dict[str, Any] = self.found.feed
        self._in_item = False
        # Whether the current place has a title that is not empty; whether an element was already used as content.
        self._titled = self._had_content = False
        self._link: dict[str, str] = {}
        self._guid_is_link = False
        self._authors = self._channels = 0
        self._place = ""
        self._table: dict[str, tuple[ElementKind, str] | None] = {}
        self._tables: dict[str, dict[str, tuple[ElementKind, str] | None]] = {}
        self._stack: list[tuple[ElementKind, str, str]] = []
        self._namespaces: dict[str, str] = {}
        self._pieces: list[str] = []
        self._begin: dict[ElementKind, Callable[[str, dict[str, str]], ElementKind | None]] = {
            ElementKind.FIELD: self._begin_field,
            ElementKind.CONTENT: self._begin_content,
            ElementKind.TITLE: self._begin_content,
            ElementKind.DESCRIPTION: self._begin_content,
            ElementKind.LINK: self._begin_link,
            ElementKind.GUID: self._begin_guid,
            ElementKind.ENCLOSURE: self._begin_enclosure,
            ElementKind.LISTED: self._begin_listed,
            ElementKind.PERSON: self._begin_person,
            ElementKind.COVER: self._begin_cover,
            ElementKind.AUTHOR: self._begin_author,
            ElementKind.OWNER: self._begin_owner,
            ElementKind.PLACE: self._begin_place,
        }
        self._finish: dict[ElementKind, Callable[[str, str], None]] = {
            ElementKind.TEXT: self._keep,
            ElementKind.FIELD: self._keep,
            ElementKind.CONTENT: self._keep,
            ElementKind.TITLE: self._finish_title,
            ElementKind.DESCRIPTION: self._finish_description,
            ElementKind.LINK: self._finish_link,
            ElementKind.GUID: self._finish_guid,
            ElementKind.PERSON: self._finish_person,
            ElementKind.AUTHOR: self._finish_author,
            ElementKind.PART: self._finish_part,
            ElementKind.ADDRESS: self._finish_address,
            ElementKind.SOURCE: self._finish_source,
        }

    def _enter(self, place: str) -> None:
        self._place = place
        self._table = self._tables.setdefault(place, {})

    # --- places -----------------------------------------------------------------------------------

    def _begin_place(self, place: str, attributes: dict[str, str]) -> None:
        if "href" in attributes or "lastmod" in attributes:
            raise UnknownElementError
        if self._place == "document":
            if language := attributes.get(LANGUAGE, attributes.get("lang")):
                self._context["language"] = language.replace("_", "-")
        elif place == "item":
            self._context, self._in_item, self._titled = {}, True, False
            self.found.entries.append(self._context)
        elif place == "image":
            self._context.setdefault("image", {})
            self._titled = False
        elif place == "feed":
            self._channels += 1
            if self._channels > 1:
                raise UnknownElementError
        self._enter(place)

    def _leave(self, place: str) -> None:
        if place == "item":
            self._context, self._in_item, self._titled, self._had_content = self.found.feed, False, False, False
        elif place == "image":
            self._titled = False

    # --- start handlers ---------------------------------------------------------------------------

    def _begin_field(self, key: str, attributes: dict[str, str]) -> ElementKind | None:
        if not attributes:
            return None
        self._context[key] = attributes
        return ElementKind.LET_GO

    def _begin_content(self, _key: str, attributes: dict[str, str]) -> None:
        if attributes and (attributes.get("type") not in _TEXT_TYPES or "mode" in attributes or "src" in attributes):
            raise UnknownElementError

    def _begin_link(self, _key: str, attributes: dict[str, str]) -> ElementKind | None:
        attributes.setdefault("rel", "alternate")
        if attributes["rel"] != "enclosure":
            attributes.setdefault("type", "application/atom+xml" if attributes["rel"] == "self" else "text/html")
        self._link = _href(attributes)
        if attributes["rel"] == "enclosure":
            self._context.setdefault("enclosures", []).append(attributes)
        if not self._in_item:
            self._context.setdefault("links", []).append(attributes)
        if "href" not in attributes:
            return None
        attributes["href"] = _urljoin("", attributes["href"])
        if attributes["rel"] == "alternate" and attributes["type"] in _HTML:
            self._context["link"] = attributes["href"]
        return ElementKind.LET_GO

    def _begin_guid(self, _key: str, attributes: dict[str, str]) -> None:
        self._guid_is_link = attributes.get("ispermalink", "true") == "true"

    def _begin_enclosure(self, _key: str, attributes: dict[str, str]) -> ElementKind:
        self._context.setdefault("enclosures", []).append(_href(attributes))
        return ElementKind.LET_GO

    def _begin_listed(self, key: str, attributes: dict[str, str]) -> ElementKind:
        self._context.setdefault(key, []).append(attributes)
        return ElementKind.INERT

    def _begin_person(self, _key: str, attributes: dict[str, str]) -> None:
        self._context.setdefault("podcast_people", []).append(attributes)

    def _begin_cover(self, _key: str, attributes: dict[str, str]) -> ElementKind:
        address = attributes.get("href") or attributes.get("url")
        if address:
            self._context["image"] = {"href": address}
        return ElementKind.LET_GO

    def _begin_author(self, _key: str, _attributes: dict[str, str]) -> None:
        if not self._in_item:
            self._count_author()
            self._context.setdefault("authors", []).append({})
        self._enter("author")

    def _begin_owner(self, _key: str, _attributes: dict[str, str]) -> None:
        self._count_author()
        self._enter("author")

    def _count_author(self) -> None:
        self._authors += 1
        if self._authors > MOST_AUTHORS:
            raise UnknownElementError

    # --- end handlers -----------------------------------------------------------------------------

    def _keep(self, key: str, text: str) -> None:
        self._context[key] = _settled(text)

    def _finish_title(self, _key: str, text: str) -> None:
        text = _settled(text)
        if not self._titled:
            self._context["title"] = text
            self._titled = bool(text)

    def _finish_description(self, key: str, text: str) -> None:
        text = _settled(text)
        context = self._context
        if key in ("encoded", "content") or ("summary" in context and not self._had_content):
            self._had_content = True
            if self._in_item:
                context.setdefault("content", []).append({"value": text})
            context.setdefault("summary", text)
        else:
            context["summary" if self._in_item or key == "summary" else "subtitle"] = text

    def _finish_link(self, _key: str, text: str) -> None:
        text = _settled(_urljoin("", text) if text else text)
        if self._in_item:
            text = text.replace("&amp;", "&")
        text = re.sub("&([A-Za-z0-9_]+);", r"&\g<1>", text)
        self._context["link"] = text
        if text or not self._in_item:
            self._link["href"] = text

    def _finish_guid(self, _key: str, text: str) -> None:
        text = _settled(_urljoin("", text) if text and self._guid_is_link else text)
        self._context["id"] = text
        if self._guid_is_link:
            self._context.setdefault("link", text)

    def _finish_person(self, _key: str, text: str) -> None:
        self._context["podcast_people"][-1]["name"] = _settled(text)

    def _finish_author(self, _key: str, text: str) -> None:
        if not self._in_item:
            self._context["author"] = _settled(text)
            _FeedParserMixin._sync_author_detail(self)

    def _finish_part(self, key: str, text: str) -> None:
        outer = self._stack[-1][0]
        if not self._in_item and (outer is ElementKind.AUTHOR or key != "href"):
            self._count_author()
            prefix = "author" if outer is ElementKind.AUTHOR else "publisher"
            _FeedParserMixin._save_author(self, key, _settled(_urljoin("", text)) if key == "href" else text, prefix)
        self._pieces.clear()

    def _finish_address(self, _key: str, text: str) -> None:
        self.found.feed["image"]["href"] = _settled(_urljoin("", text) if text else text)

    def _finish_source(self, _key: str, _text: str) -> None:
        self._titled = False

    # --- methods that feedparser's own rules for authors call --------------------------------------

    def _get_context(self) -> dict[str, Any]:
        return self._context

    def _sync_author_detail(self, key: str = "author") -> None:
        _FeedParserMixin._sync_author_detail(self, key)

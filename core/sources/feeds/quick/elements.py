"""The feed elements that `quick_parse` reads: where each may occur, and how feedparser handles it.

An element is named by feedparser's prefix for its namespace, whichever prefix the document uses. `parse` reads nothing of an
element that is let go; if that changes, a test names the line to remove here.
"""

from __future__ import annotations

import re
from enum import Enum

from feedparser.mixin import _FeedParserMixin

import core.sources.feeds.podcast_tags  # noqa: F401 (its extensions of feedparser count here)


class ElementKind(Enum):
    """How an element is handled, following feedparser."""

    TEXT = "its text is kept under a name"
    FIELD = "the same, but its attributes, if it has any, are kept in place of the text"
    CONTENT = "text that may be markup"
    TITLE = "the first that is not empty counts"
    DESCRIPTION = "a second one is content"
    LINK = "an address, in an attribute or as text"
    GUID = "a name that may be a link"
    ENCLOSURE = "attributes, each kept"
    LISTED = "attributes, each kept under a name"
    PERSON = "attributes and a name, each kept"
    COVER = "a picture in an attribute"
    AUTHOR = "text, or parts with a name in them"
    OWNER = "parts with a name in them"
    PART = "a part of an author or owner"
    ADDRESS = "the address of the feed's picture"
    SOURCE = "text that is let go; titles begin anew behind it"
    LET_GO = "text that is let go"
    INERT = "let go with all that is within it, if that is inert too"
    PLACE = "elements of a table of their own are within it"

    # Members are singletons, so identity suffices. Enum's own __hash__ is Python code, called twice for each element of a feed.
    __hash__ = object.__hash__


Table = dict[str, tuple[ElementKind, str]]


def _named(kind: ElementKind, names: str) -> Table:
    """Return a table of names of one kind; `a=b` keeps element a under the name b."""
    pairs = (name.partition("=") for name in names.split())
    return {name: (kind, key or name.replace(":", "_")) for name, _, key in pairs}


# Elements that `parse` does not read, in a feed or in its items.
_INERT = _named(
    ElementKind.INERT,
    "category keywords dc:subject itunes:category itunes:keywords media:category media:credit media:rating media:keywords "
    "media:copyright media:adult generator admin:generatoragent admin:errorreportsto docs cloud comments rating "
    "skiphours skipdays hour day wfw:comment wfw:commentrss slash:comments slash:section thr:total feedburner:info "
    "feedburner:origlink feedburner:emailserviceid feedburner:feedburnerhostname "
    "itunes:explicit itunes:block itunes:complete itunes:type itunes:order itunes:isclosedcaptioned itunes:title "
    "podcast:locked podcast:funding podcast:value podcast:valuerecipient podcast:valuetimesplit podcast:location "
    "podcast:license podcast:trailer podcast:block podcast:podping podcast:txt podcast:updatefrequency podcast:soundbite "
    "podcast:socialinteract podcast:podroll podcast:remoteitem podcast:contentlink podcast:integrity podcast:chat",
)
_DROPPED = _named(ElementKind.LET_GO, "rights copyright dc:rights feedburner:browserfriendly creativecommons:license")
_SHARED: Table = (
    _named(ElementKind.TITLE, "title")
    | _named(ElementKind.DESCRIPTION, "description=description summary=summary itunes:summary=summary")
    | _named(ElementKind.CONTENT, "itunes:subtitle=subtitle")
    | _named(ElementKind.LINK, "link")
    | _named(ElementKind.GUID, "id guid")
    | _named(ElementKind.COVER, "itunes:image")
    | _named(ElementKind.PERSON, "podcast:person")
    | _named(ElementKind.AUTHOR, "author managingeditor itunes:author dc:creator dc:author")
    | _INERT
    | _DROPPED
)
_FEED: Table = (
    _SHARED
    | _named(ElementKind.CONTENT, "subtitle tagline=subtitle")
    | _named(ElementKind.TEXT, "language dc:language=language webmaster=publisher dc:publisher=publisher")
    | _named(ElementKind.TEXT, "podcast:guid itunes:new-feed-url")
    | _named(ElementKind.FIELD, "ttl sy:updateperiod sy:updatefrequency")
    | _named(ElementKind.OWNER, "itunes:owner")
    | _named(ElementKind.LET_GO, "pubdate lastbuilddate updated published modified issued dc:date sy:updatebase podcast:medium")
    | {"image": (ElementKind.PLACE, "image"), "item": (ElementKind.PLACE, "item"), "entry": (ElementKind.PLACE, "item")}
)
_ITEM: Table = (
    _SHARED
    | _named(ElementKind.DESCRIPTION, "content:encoded=encoded content=content")
    | _named(ElementKind.TEXT, "pubdate=published published issued=published dcterms:issued=published")
    | _named(
        ElementKind.TEXT, "updated modified=updated dc:date=updated dcterms:modified=updated created dcterms:created=created"
    )
    | _named(ElementKind.TEXT, "podcast:season podcast:episode")
    | _named(ElementKind.FIELD, "itunes:duration itunes:season itunes:episode itunes:episodetype")
    | _named(ElementKind.ENCLOSURE, "enclosure")
    | _named(ElementKind.LISTED, "media:content podcast:transcript podcast:chapters")
    | _named(ElementKind.LET_GO, "dc:language language")
    | _named(ElementKind.SOURCE, "source")
    | {"media:group": (ElementKind.PLACE, "group"), "contributor": (ElementKind.PLACE, "nobody")}
)
PLACES: dict[str, Table] = {
    "document": {"rss": (ElementKind.PLACE, "rss"), "feed": (ElementKind.PLACE, "feed")},
    "rss": {"channel": (ElementKind.PLACE, "feed")},
    "feed": _FEED | {"contributor": (ElementKind.PLACE, "nobody")},
    "item": _ITEM,
    "image": _named(ElementKind.ADDRESS, "url") | _named(ElementKind.LET_GO, "title link width height description"),
    "group": _named(ElementKind.LISTED, "media:content") | _INERT,
    "author": _named(ElementKind.PART, "name email itunes:name=name itunes:email=email uri=href url=href"),
    "nobody": _named(ElementKind.LET_GO, "name email uri url itunes:name itunes:email"),
}

NAMESPACES = {address.lower(): name for address, name in _FeedParserMixin.namespaces.items()}
# A document that uses such a prefix for another namespace would call feedparser's handlers for foreign elements.
TAKEN = {name.lower() for name in NAMESPACES.values()} | {
    name.split("_")[2].lower() for name in dir(_FeedParserMixin) if re.match(r"_(?:start|end)_[^_]+_", name)
}

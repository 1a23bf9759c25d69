"""Read and write OPML, the format in which podcast programs exchange subscriptions.

    bytes ─▶ encodings: text ─▶ expat, outline by outline ─▶ Outline
                                 ├─ not well-formed ─▶ a search for outlines
                                 └─ no markup at all ─▶ a list of URLs, one a line
    feeds ─▶ write ─▶ bytes (UTF-8)

An outline that is no feed is the folder of the feeds inside it. Without such an outline, `category` names the folder.

No entity is expanded or fetched: expat ignores the file's own entities, and a file that declares any is refused, so an entity
bomb cannot work. The search for outlines in a broken file knows only HTML's entities.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from core.domain.feeds import feed_folder
from core.domain.feeds.imports import Outline, Outlines
from core.errors import NotOpml, TooLarge
from core.sources.encodings import decoded
from core.sources.markup import nesting

MAX_BYTES = 10_000_000
MOST = 20_000
_TITLE_LENGTH = 300
_ALL = "feeds"
_FEED_TYPES = ("rss", "atom", "podcast", "rdf")
# The URL of a feed in plain text.
_ADDRESS = re.compile(r"(?:https?|feed|pcast|itpc|podcast)://[^\s<>\"]{3,4000}", re.IGNORECASE)
_SCHEMES = ("http://", "https://", "feed:", "pcast:", "itpc:", "podcast:")
# Marks that change the direction of writing, and so disguise a line.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Characters that XML forbids and a few programs write all the same.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class _Entities(Exception):
    """The file declares its own entities."""


def read(body: bytes) -> Outlines:
    """Read a list of feeds. Raises NotOpml (no feed in it, or it declares entities), TooLarge."""
    if len(body) > MAX_BYTES:
        raise TooLarge(
            f"The file is larger than {MAX_BYTES / 1e6:.0f} MB, which no list of feeds is. Nothing was read.",
            case="opml",
            most=round(MAX_BYTES / 1e6),
        )
    text = _FORBIDDEN.sub("", decoded(body)).lstrip()
    try:
        title, found, broken_at = *_strictly(text), None
    except _Entities as error:
        raise NotOpml("The file declares entities of its own, which a list of feeds has no need of. Nothing was read.") from error
    except expat.ExpatError as error:
        if "<" in text:
            title, found, broken_at = "", list(_searched(text)), error.lineno
        else:
            title, found, broken_at = "", list(_listed(text)), None
    feeds = _once(found)
    if not feeds:
        raise NotOpml("No feed is named in this file. Nothing was read; choose the OPML file that a podcast program exports.")
    if len(feeds) > MOST:
        raise TooLarge(
            f"The file names {len(feeds)} feeds; {MOST} at once is the most. Nothing was read.",
            limit=MOST,
            case="opml_feeds",
            n=len(feeds),
        )
    return Outlines(title, feeds, len(found) - len(feeds), broken_at)


def _once(found: list[Outline]) -> tuple[Outline, ...]:
    """Return each URL once: its first outline, with the first folder that any of its outlines has."""
    bare = _in_one(found)
    folders = {o.url: o.folder for o in reversed(found) if o.folder}
    once = {outline.url: outline for outline in reversed(found)}
    inner = {url: folder.partition("/")[2] if bare else folder for url, folder in folders.items()}
    return tuple(replace(once[url], folder=inner.get(url, "")) for url in dict.fromkeys(outline.url for outline in found))


def _in_one(feeds: Iterable[Outline]) -> bool:
    """Return whether all feeds lie in the one folder `feeds`, as programs without folders write them."""
    return {feed.folder.partition("/")[0].casefold() for feed in feeds} == {_ALL}


class _Place:
    """The reader's place in the file: the open folders, the innermost last."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @property
    def folder(self) -> str:
        return self._open[-1] if self._open else ""

    def enter(self, attributes: Mapping[str, str]) -> Iterator[Outline]:
        """Yield the feed if the outline is one; otherwise open it as the folder of the following feeds, until `leave`."""
        own = _own(attributes)
        feeds = list(_outline(own, self.folder))
        self._open.append(self.folder if feeds else feed_folder.inside(self.folder, own.get("text") or own.get("title") or ""))
        yield from feeds

    def leave(self) -> None:
        if self._open:
            self._open.pop()


def _strictly(text: str) -> tuple[str, list[Outline]]:
    found: list[Outline] = []
    title: list[str] = []
    path: list[str] = []
    place = _Place()

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name.lower().rpartition(":")[2])
        if path[-1] == "outline":
            found.extend(place.enter(attributes))

    def end(_name: str) -> None:
        if path.pop() == "outline":
            place.leave()

    def characters(data: str) -> None:
        if path[-2:] == ["head", "title"]:
            title.append(data)

    def refuse(*_: object) -> None:
        raise _Entities

    parser = expat.ParserCreate(encoding="utf-8")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.Parse(text.encode("utf-8", errors="replace"), True)
    return _line("".join(title)), found


def _searched(text: str) -> Iterator[Outline]:
    if re.search(r"<!ENTITY\b", text, re.IGNORECASE):
        raise NotOpml("The file declares entities of its own, which a list of feeds has no need of. Nothing was read.")
    place = _Place()
    for attributes, ends in nesting(text, "outline", r"[\w.-]{1,20}:outline"):
        if attributes is not None:
            yield from place.enter(attributes)
        if ends:
            place.leave()


def _listed(text: str) -> Iterator[Outline]:
    """Yield the URLs of plain text, one a line, with the rest of the line as title; nothing for JSON and for prose with URLs."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if text.lstrip()[:1] in ("{", "[") or 2 * sum(1 for line in lines if _ADDRESS.search(line)) < len(lines):
        return
    for line in lines:
        if found := _ADDRESS.search(line):
            name = " ".join((line[: found.start()] + " " + line[found.end() :]).split()).strip(" \t-–—:;,|\"'()<>#")
            yield Outline(found[0].rstrip(".,;\"')>"), _line(name))


def _own(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes with names in lower case and without prefix: programs write xmlUrl, XMLURL, o:xmlUrl."""
    return {name.lower().rpartition(":")[2]: value.strip() for name, value in attributes.items()}


def _outline(own: Mapping[str, str], folder: str) -> Iterator[Outline]:
    """Yield the outline if it is a feed.

    Its `url` counts as a feed's if the type says so, or if the type is `link` or missing and the URL looks like a feed's.
    """
    kind, address = own.get("type", "").lower(), own.get("url", "")
    feed = kind in _FEED_TYPES or (kind in ("", "link") and _looks_like_one(address))
    url = own.get("xmlurl") or own.get("feedurl") or (address if feed else None)
    if url:
        title = _line(own.get("title") or own.get("text") or "")
        yield Outline(
            "".join(url.split()), title, own.get("htmlurl") or None, folder or feed_folder.of_category(own.get("category", ""))
        )


def _looks_like_one(address: str) -> bool:
    whole = address.lower().partition("#")[0]
    path = whole.partition("?")[0]
    if not whole.startswith(_SCHEMES) or path.endswith((".opml", ".html", ".htm")):
        return False
    return path.endswith((".xml", ".rdf")) or any(word in whole for word in ("feed", "rss", "atom", "podcast"))


def _line(text: str) -> str:
    return " ".join(_TURNS.sub("", text).split())[:_TITLE_LENGTH]


# --- writing ------------------------------------------------------------------------------------------


def write(feeds: Iterable[Outline], *, title: str, now: float) -> bytes:
    """Return OPML 2.0 in UTF-8. `now` is Unix seconds."""
    lines = "".join(f"    {line}\n" for line in _lines(_sorted_in(list(feeds))))
    made = format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n'
        f"    <title>{html.escape(_FORBIDDEN.sub('', title), quote=False)}</title>\n    <dateCreated>{made}</dateCreated>\n"
        f"  </head>\n  <body>\n{lines}  </body>\n</opml>\n"
    )
    return text.encode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class _Folder:
    feeds: list[Outline] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


def _sorted_in(feeds: list[Outline]) -> _Folder:
    root = _Folder()
    # `read` strips a sole top folder `feeds`; add another around it so that it survives.
    around = [_ALL] if _in_one(feeds) else []
    for feed in feeds:
        inner = root
        for name in (*around, *feed_folder.names(feed_folder.typed(feed.folder))):
            inner = inner.folders.setdefault(name, _Folder())
        inner.feeds.append(feed)
    return root


def _lines(folder: _Folder) -> Iterator[str]:
    for feed in folder.feeds:
        yield f"<outline {_attributes(feed)}/>"
    for name, inner in folder.folders.items():
        yield f"<outline {_quoted({'text': name, 'title': name})}>"
        yield from (f"  {line}" for line in _lines(inner))
        yield "</outline>"


def _attributes(feed: Outline) -> str:
    values = {"type": "rss", "text": feed.title or feed.url, "title": feed.title or feed.url, "xmlUrl": feed.url}
    if feed.link:
        values["htmlUrl"] = feed.link
    return _quoted(values)


def _quoted(values: Mapping[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(_FORBIDDEN.sub('', value))}" for name, value in values.items())

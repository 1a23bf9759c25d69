"""Sanitize text and HTML from outside: nothing that a feed or a file wrote reaches a page as live markup."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3

from core.domain.episodes.html_blocks import BLOCKS, BREAKS, CELLS, CLOSES, HEADINGS, KEPT, OPENS, pattern
from core.domain.shortening import shortened

_TAGS = {"a", "b", "code", "em", "i", "strong"} | KEPT | BREAKS
MOST_TAGS = 5_000
_TAG = re.compile(r"<[^<>]*>")
_RESHAPED = re.compile(rf"<(/?)({pattern(BLOCKS, CELLS, HEADINGS)})>")
_KEPT_BLOCK = rf"</?(?:{pattern(KEPT, BREAKS, frozenset(HEADINGS.values()))})>"
# Marks a possible line break until its neighbours decide; this character occurs in no cleaned text.
_EDGE = "\x1e"
# Tags whose brackets are escaped, once or several times.
_OPEN, _CLOSE = r"&(?:amp;){0,2}lt;", r"&(?:amp;){0,2}gt;"
_BLOCK_NAMES, _INLINE_NAMES = pattern(KEPT, BREAKS, BLOCKS, HEADINGS), "a|b|i|em|strong|span|u|code|font"
_WRITTEN = re.compile(rf"\s{{0,100}}{_OPEN}(?:{_BLOCK_NAMES}|({_INLINE_NAMES}))\b[^<>]{{0,300}}?{_CLOSE}", re.IGNORECASE)
_WRITTEN_END = re.compile(rf"{_OPEN}/(?:{_BLOCK_NAMES}|{_INLINE_NAMES}){_CLOSE}", re.IGNORECASE)
_WRITTEN_BREAK = re.compile(rf"{_OPEN}br\s{{0,3}}/?{_CLOSE}", re.IGNORECASE)
_ESCAPED = re.compile(r"&(?:lt|gt|amp|quot|#39|apos);", re.IGNORECASE)
_ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#39;": "'", "&apos;": "'"}
# Characters that make a line more than plain text. Most of a feed's thousands of titles have none. A surrogate is no character.
_MARKED = re.compile(r"[<>&\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
# A complete URL of plain characters is returned without parsing.
_PLAIN_URL = re.compile(
    r"https?://[a-z0-9.-]*[a-z0-9](?::\d{1,4})?(?:/[\w./~%&=+,;:@!$*()-]*)?(?:\?[\w./~%&=+,;:@!$*()-]+)?",
    re.ASCII | re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def clean_html(markup: str, base: str = "", limit: int = 100_000) -> str:
    """Return a description with a few harmless tags and links to http and https only, relative ones resolved against `base`.

    Cuts the markup to `limit` characters first.
    """
    cleaned = _cleaner(base).clean(_printable(_bounded(_once(markup[:limit]))))
    return _with_breaks(_RESHAPED.sub(_reshaped, cleaned)).strip()


# Making a Cleaner costs as much as cleaning a description, and the items of a feed share one base.
@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS | BLOCKS | CELLS | set(HEADINGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative=("rewrite_with_base", base) if base else "deny",
        link_rel="noopener noreferrer nofollow",
    )


def _once(markup: str) -> str:
    """Unescape markup that was escaped once too often: no real tag, but an escaped one at its start, end or line breaks.

    Text about tags stays unchanged: `use &lt;p&gt; for paragraphs` has them in its middle.
    """
    for _ in range(2):
        if "<" in markup or not _written(markup):
            break
        markup = _ESCAPED.sub(lambda found: _ESCAPES[found[0].lower()], markup)
    return markup


def _written(markup: str) -> bool:
    begins = _WRITTEN.match(markup)
    if begins and (not begins[1] or _WRITTEN_END.search(markup)):
        return True
    last = [found.end() for found in _WRITTEN_END.finditer(markup[-200:].rstrip())]
    return bool(last and last[-1] == len(markup[-200:].rstrip())) or _WRITTEN_BREAK.search(markup) is not None


def _reshaped(found: re.Match[str]) -> str:
    """Return a heading's tag in a size that is kept, a space for a table cell, and an edge for any other block."""
    close, name = found.groups()
    if name in HEADINGS:
        return f"<{close}{HEADINGS[name]}>"
    return " " if name in CELLS else _EDGE


def _with_breaks(text: str) -> str:
    """Replace each edge between two lines by `<br>`; drop those at the start, at the end, and beside a kept block."""
    if _EDGE not in text:
        return text
    single = re.sub(rf"\s*{_EDGE}[\s{_EDGE}]*", _EDGE, text)
    beside = re.sub(rf"({_KEPT_BLOCK}){_EDGE}", r"\1", re.sub(rf"{_EDGE}(?={_KEPT_BLOCK})", "", single))
    return beside.strip(_EDGE).replace(_EDGE, "<br>")


def html_to_text(markup: str, limit: int = 100_000) -> str:
    """Return the text of HTML with paragraphs as lines, for titles and other fields that pages show as plain text."""
    broken = OPENS.sub(_EDGE, CLOSES.sub("\n", _UNPRINTABLE.sub("", _bounded(markup[:limit]))))
    text = _with_lines(html.unescape(nh3.clean(broken, tags=set(), attributes={})))
    lines = (" ".join(line.split()) for line in _UNPRINTABLE.sub("", text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _with_lines(text: str) -> str:
    """Replace each edge by a newline, unless it starts a line already."""
    first, *others = text.split(_EDGE)
    lines, before = [first], first
    for part in others:
        lines += ["\n", part] if before.rpartition("\n")[2].strip() else [part]
        before = part
    return "".join(lines)


def _bounded(markup: str) -> str:
    """Strip all tags if there are more than MOST_TAGS: cleaning takes time that grows with the square of their number."""
    return markup if markup.count("<") <= MOST_TAGS else _TAG.sub(" ", markup)


def _printable(text: str) -> str:
    """Drop unprintable characters; most texts have none, and `isprintable` is faster than the pattern."""
    return text if text.replace("\n", "").replace("\t", "").isprintable() else _UNPRINTABLE.sub("", text)


def clean_line(text: str, limit: int = 500) -> str:
    """Return a title or name as one line without markup, cut to `limit` characters. Titles are often escaped twice."""
    text = text[: 20 * limit]
    return bare_line(html_to_text(text, 20 * limit) if _MARKED.search(text) else text, limit)


def bare_line(text: str, limit: int = 500) -> str:
    """Return the same for text without markup, where a `<` is a plain character."""
    return shortened(" ".join(_printable(text).split()), limit)


def web_url(url: object, base: str = "", limit: int = 4000) -> str | None:
    """Return the URL, resolved against `base`, if it is http or https with a host; else None."""
    if not isinstance(url, str) or not url.strip() or len(url) > limit:
        return None
    if _PLAIN_URL.fullmatch(url):
        return url
    address = _printable(url.strip())
    if "\n" in address or "\t" in address:
        address = address.replace("\n", "").replace("\t", "")
    try:
        parts = urlsplit(address)
        # urljoin would take the base's host for a scheme without one.
        complete = not parts.scheme or bool(parts.netloc)
        whole = parts.scheme and parts.netloc and "?#" not in address and address[-1] not in "?#"
        absolute = address if whole else urljoin(base, address)
        parts = parts if whole else urlsplit(absolute)
        good = complete and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return absolute.replace(" ", "%20") if good else None

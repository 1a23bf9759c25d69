"""Tags of markup that nobody vouches for, found one by one: no tree, no entities but HTML's, and nothing is looked at twice.

A parser that mends markup can be kept busy for hours by a page that was made for it; this cannot.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.entities import html5

# Never across "<", which ends the search for a tag's end however broken the markup is.
_TAG = r"<({names})\b((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*)>"
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]{0,40})\s{0,20}=\s{0,20}(?:\"([^<\"]*)\"|'([^<']*)'|([^\s\"'<>=][^\s\"'<>]{0,3999}))")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|([A-Za-z][A-Za-z0-9]{0,31})(;?))(=?)")
# Old pages write these without a semicolon and mean them; any other name may be a field of an address.
_UNENDED = frozenset(("amp", "lt", "gt", "quot", "AMP", "LT", "GT", "QUOT"))


def tags(text: str, *names: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of every tag of these names, in their order. Names are in lower case, of attributes too."""
    for tag in _found(text, names):
        yield tag[1].lower(), _attributes(tag[2])


def nesting(text: str, *names: str) -> Iterator[tuple[dict[str, str] | None, bool]]:
    """In its order: (attributes, whether it ends at once) of what begins, (None, True) where something ends."""
    for tag in _found(text, [f"/?{name}" for name in names]):
        closes = tag[1].startswith("/")
        yield None if closes else _attributes(tag[2]), closes or tag[2].endswith("/")


def _found(text: str, names: Iterable[str]) -> Iterator[re.Match[str]]:
    return re.compile(_TAG.format(names="|".join(names)), re.IGNORECASE).finditer(text)


def _attributes(rest: str) -> dict[str, str]:
    return {m[1].lower(): _value(m) for m in _ATTRIBUTE.finditer(rest)}


def _value(found: re.Match[str]) -> str:
    return unescaped(next(group for group in found.groups()[1:] if group is not None))


def unescaped(value: str) -> str:
    """An attribute's value with its entities read: one that no semicolon ends stays as it stands, because most are addresses.

    `?a=1&section=2` and `&copy=3` are no § and no ©: https://html.spec.whatwg.org/#named-character-reference-state
    """
    return _ENTITY.sub(_character, value) if "&" in value else value


def _character(found: re.Match[str]) -> str:
    name, end, equals = found[1], found[2], found[3]
    if name is None:
        return html.unescape(found[0])
    if end:
        return html.unescape(f"&{name};") + equals if f"{name};" in html5 else found[0]
    return html.unescape(f"&{name};") if name in _UNENDED and not equals else found[0]


# Possessive: what does not fit is given up at once, and read no second time.
_PART = re.compile(r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]{0,60}+)(?P<rest>[^<>]*+)>|<[!?\d][^<>]*+>")
# What a reader never sees of a page.
_UNSEEN = frozenset({"script", "style", "template", "noscript"})


@dataclass(frozen=True, slots=True)
class MarkupTag:
    """`name` is in lower case, `rest` what stands behind it up to the `>`."""

    name: str
    rest: str = ""
    closes: bool = False


def pieces(text: str) -> Iterator[str | MarkupTag]:
    """Text (with its entities as they stand) and tags in turn; comments, scripts and styles are left out, to the end if unclosed.

    Takes time in proportion to the text, whatever it is.
    """
    at = shown = 0
    unseen = ""
    while found := _PART.search(text, at):
        if not unseen and found.start() > shown:
            yield text[shown : found.start()]
        at = shown = found.end()
        if found[0] == "<!--":
            end = text.find("-->", at)
            if end < 0:
                return
            at = shown = end + 3
        elif found["name"]:
            tag = MarkupTag(found["name"].lower(), found["rest"].strip(), bool(found["close"]))
            if unseen:
                unseen = "" if tag.closes and tag.name == unseen else unseen
            elif tag.name in _UNSEEN and not tag.closes:
                unseen = tag.name
            else:
                yield tag
    if not unseen and shown < len(text):
        yield text[shown:]


def without_tags(text: str) -> str:
    """The text alone, entities read, `<br>` as the end of a line."""
    shown = (piece if isinstance(piece, str) else "\n" if piece.name == "br" else "" for piece in pieces(text))
    return html.unescape("".join(shown))

"""Find tags in untrusted markup one by one: no tree, only HTML's entities, and each character is read once.

A hostile page can keep a parser that repairs markup busy for hours, but not this one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.entities import html5

# Never across "<", so that the search for a tag's end stops in broken markup too.
_TAG = r"<({names})\b((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*)>"
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]{0,40})\s{0,20}=\s{0,20}(?:\"([^<\"]*)\"|'([^<']*)'|([^\s\"'<>=][^\s\"'<>]{0,3999}))")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|([A-Za-z][A-Za-z0-9]{0,31})(;?))(=?)")
# Old pages write these references without a semicolon; any other name may be a parameter of a URL.
_UNENDED = frozenset(("amp", "lt", "gt", "quot", "AMP", "LT", "GT", "QUOT"))


def tags(text: str, *names: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (name, attributes) of each tag with one of these names, in order. Names of tags and attributes are lower case."""
    for tag in _found(text, names):
        yield tag[1].lower(), _attributes(tag[2])


def nesting(text: str, *names: str) -> Iterator[tuple[dict[str, str] | None, bool]]:
    """Yield in order (attributes, whether it is self-closing) for each start tag, (None, True) for each end tag."""
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
    """Return an attribute's value with entities decoded, except those without a semicolon: most values are URLs.

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


# Possessive quantifiers: no backtracking, so no character is read twice.
_PART = re.compile(r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]{0,60}+)(?P<rest>[^<>]*+)>|<[!?\d][^<>]*+>")
# Elements of a page that a reader never sees.
_UNSEEN = frozenset({"script", "style", "template", "noscript"})


@dataclass(frozen=True, slots=True)
class MarkupTag:
    """A tag. `name`: lower case; `rest`: the text between the name and `>`; `closes`: whether it is an end tag."""

    name: str
    rest: str = ""
    closes: bool = False


def pieces(text: str) -> Iterator[str | MarkupTag]:
    """Yield text (entities not decoded) and tags in order, without comments, scripts and styles; an unclosed one runs to the end.

    Takes time in proportion to the length of any text.
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
    """Return the text alone, with entities decoded and `<br>` as a newline."""
    shown = (piece if isinstance(piece, str) else "\n" if piece.name == "br" else "" for piece in pieces(text))
    return html.unescape("".join(shown))

"""Tags of markup that nobody vouches for, found one by one: no tree, no entities but HTML's, and nothing is looked at twice.

A parser that mends markup can be kept busy for hours by a page that was made for it; this cannot.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Never across "<", which ends the search for a tag's end however broken the markup is.
_TAG = r"<({names})\b((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*)>"
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]{0,40})\s{0,20}=\s{0,20}(?:\"([^<\"]*)\"|'([^<']*)'|([^\s\"'<>=]{1,4000}))")


def tags(text: str, *names: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of every tag of these names, in their order. Names are in lower case, of attributes too."""
    pattern = re.compile(_TAG.format(names="|".join(names)), re.IGNORECASE)
    for tag in pattern.finditer(text):
        yield tag[1].lower(), {m[1].lower(): _value(m) for m in _ATTRIBUTE.finditer(tag[2])}


def _value(found: re.Match[str]) -> str:
    return html.unescape(next(group for group in found.groups()[1:] if group is not None))

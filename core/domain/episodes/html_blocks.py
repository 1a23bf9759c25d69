"""HTML elements that break lines: one table for all code that splits markup into lines.

KEPT: stay in a description         BLOCKS: removed; the line ends there
HEADINGS: mapped to two sizes       CELLS: stay beside each other, on one line
"""

from __future__ import annotations

import re

BREAKS = frozenset({"br", "hr"})
KEPT = frozenset({"blockquote", "li", "ol", "p", "pre", "ul"})
HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
CELLS = frozenset({"td", "th"})
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside caption center dd details dialog dir div dl dt fieldset figcaption figure footer form header "
        "hgroup legend main menu nav optgroup option search section summary table tbody tfoot thead tr",
    )
)


def pattern(*names: frozenset[str] | dict[str, str]) -> str:
    """Return an alternative of these names for a regular expression; no name hides a longer one that begins with it."""
    return "|".join(sorted({name for each in names for name in each}, key=lambda name: (-len(name), name)))


_ALL = pattern(KEPT, BLOCKS, HEADINGS)
# A tag contains no other tag. If an attribute contains a `>`, the match ends there and the rest remains as text.
ENDS_LINE = re.compile(rf"</?(?:{_ALL}|{pattern(BREAKS)})\b[^<>]*>", re.IGNORECASE)
CLOSES = re.compile(rf"<(?:/(?:{_ALL})|{pattern(BREAKS)})\b[^<>]*>", re.IGNORECASE)
OPENS = re.compile(rf"<(?:{_ALL})\b[^<>]*>", re.IGNORECASE)

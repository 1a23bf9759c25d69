"""Convert show notes to lines of text.

description (HTML that was cleaned when it came in, or plain text) ─▶ a line a paragraph, item or break ─▶ tags off, entities read
"""

from __future__ import annotations

import html
import re

from core.domain.episodes.html_blocks import ENDS_LINE

# An attribute may hold a `>` between its quotation marks; `a < b` is no tag.
_TAG = re.compile(r"""</?[a-z](?:[^"'<>]|"[^"]*"|'[^']*')*>""", re.IGNORECASE)


def lines(description: str) -> list[str]:
    """Return the lines that are not empty, without markup."""
    text = html.unescape(_TAG.sub("", ENDS_LINE.sub("\n", description)))
    return [line for each in text.splitlines() if (line := " ".join(each.split()))]

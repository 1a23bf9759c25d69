"""Convert show notes to lines of text.

description (HTML cleaned on arrival, or plain text) ─▶ one line per paragraph, item or break ─▶ tags removed, entities decoded
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

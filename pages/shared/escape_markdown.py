"""Texts that others wrote (feeds, files, models) inside labels that read Markdown: every sign of Markdown is escaped."""

from __future__ import annotations

import re

# The punctuation that CommonMark lets a backslash escape, and the colon, which opens Streamlit's colours and icons.
_SIGNS = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# What ends a line or turns the reading direction around would reach beyond the text itself.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

# A word joiner, which nobody sees, keeps an address from becoming a link by itself.
_ADDRESS = re.compile(r"(?i)(?<=\bhttp)(?=:)|(?<=\bhttps)(?=:)|(?<=\bwww)(?=\.)|(?=@)")
_JOINER = "\u2060"


def plain(text: str, limit: int = 300) -> str:
    """The text as Markdown that shows exactly its characters on one line, at most `limit` of them."""
    line = " ".join(_INVISIBLE.sub(" ", text).split())
    shown = line if len(line) <= limit else line[: limit - 1] + "…"
    return _SIGNS.sub(r"\\\1", _ADDRESS.sub(_JOINER, shown))

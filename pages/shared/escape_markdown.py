"""Escaping for texts of other authors (feeds, files, models) in labels that read Markdown: all its punctuation is escaped."""

from __future__ import annotations

import re

from core.domain.shortening import shortened

# The punctuation that CommonMark lets a backslash escape, and the colon, which opens Streamlit's colours and icons.
_SIGNS = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# A character that ends a line or reverses the reading direction would affect text beyond its own.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

# An invisible word joiner keeps a URL or an e-mail address from becoming a link by itself.
_ADDRESS = re.compile(r"(?i)(?<=\bhttp)(?=:)|(?<=\bhttps)(?=:)|(?<=\bwww)(?=\.)|(?=@)")
_JOINER = "\u2060"


def plain(text: str, limit: int = 300) -> str:
    """Return Markdown that shows exactly the text's characters on one line, at most `limit` of them."""
    line = " ".join(_INVISIBLE.sub(" ", text).split())
    return _SIGNS.sub(r"\\\1", _ADDRESS.sub(_JOINER, shortened(line, limit)))

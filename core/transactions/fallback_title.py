"""Title an episode whose publisher gives it none.

    guid ─▶ else the file's name, if it reads like one ─▶ else the date ─▶ else the feed's title

An address, a key or a number never becomes a title: titles are shown, searched, exported, and written into file names.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import unquote

from core.domain.feeds.feed import Feed, FeedEntry
from core.domain.feeds.matching import Known
from core.files.partial_files import title_of
from core.sources.sanitize import clean_line

# Hosts often put every episode's audio under one of these names.
_OF_ALL = frozenset(
    ["audio", "default", "download", "enclosure", "episode", "file", "index", "listen", "media", "original", "podcast", "stream"]
)
_ADDRESS = re.compile(r"://|^\S*[/?=&@:\\]\S*$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_HEX = re.compile(r"[0-9a-f-]{12,}", re.IGNORECASE)
# Letters and digits in a row that alternate this often are a random identifier.
_LONG, _CHANGES = 10, 3


def stand_in(feed: Feed, entry: FeedEntry | Known) -> str:
    """Return a title, in the publisher's words wherever there are some; an entry and its row in the library get the same one."""
    for name in (clean_line(entry.guid or ""), _file_name(entry.enclosure_url or "")):
        if _reads_like_a_name(name):
            return name
    return _date(entry.published_at) or feed.title


def _file_name(address: str) -> str:
    """Return the file name without query and ending. Some hosts put a whole encoded address in the place of a name."""
    path = re.sub(r"^[a-z]+://[^/?#]*", "", re.split(r"[?#]", address)[0], flags=re.IGNORECASE)
    last = unquote(path).rpartition("/")[2]
    nothing_but_an_ending = "." in last and not clean_line(last.rpartition(".")[0])
    return "" if nothing_but_an_ending else clean_line(title_of(last))


def _reads_like_a_name(text: str) -> bool:
    if _ADDRESS.search(text) or _HEX.fullmatch(text) or text.lower() in _OF_ALL or not _WORD.search(text):
        return False
    return not any(_drawn(piece) for piece in re.split(r"[\W_]+", text))


def _drawn(piece: str) -> bool:
    return len(piece) >= _LONG and sum(a.isdigit() != b.isdigit() for a, b in pairwise(piece)) >= _CHANGES


def _date(published_at: float | None) -> str:
    try:
        return datetime.fromtimestamp(published_at, UTC).date().isoformat() if published_at is not None else ""
    except (ValueError, OverflowError, OSError):
        return ""

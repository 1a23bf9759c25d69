"""Parse the publisher's chapters: the JSON of `podcast:chapters`, and Podlove's Simple Chapters in the feed.

    bytes ─▶ {"version", "chapters": [{"startTime", "title", "url"?, "img"?, "toc"?}]} ─┐
    <psc:chapter start title href? image?/>                                             ┴─▶ sanitized, in order, at most 500

Links and pictures are kept as URLs, and not fetched until a person follows one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.episodes.publisher_extras import Chapters, SuppliedChapter
from core.errors import UserError
from core.sources.encodings import decoded
from core.sources.sanitize import clean_line, web_url

MOST = 500
TITLE_LENGTH = 300
# Normal play time, also without hours or minutes: https://podlove.org/simple-chapters/
_PLAY_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:[.,]\d{1,9})?)")


def parse(body: bytes, url: str) -> Chapters:
    """Parse the JSON. Raises UserError if it is no list of chapters, or an empty one."""
    try:
        document = json.loads(decoded(body))
        rows = document["chapters"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError("The publisher's chapters are not in the JSON form that podcasts use. They are left out.") from error
    found = _in_order(_chapter(row, url) for row in rows[:MOST]) if isinstance(rows, list) else ()
    if not found:
        raise UserError("The publisher's list of chapters is empty.")
    return Chapters(found)


def simple(rows: Iterable[Mapping[str, Any]], url: str) -> tuple[SuppliedChapter, ...]:
    """Return Simple Chapters from their attributes; skip those without title or time."""
    return _in_order(
        _made(row.get("title"), play_time(str(row.get("start") or "")), row.get("href"), row.get("image"), url) for row in rows
    )


def play_time(text: str) -> float:
    """Parse `HH:MM:SS.mmm`, `MM:SS` or seconds into seconds; NaN for anything else."""
    found = _PLAY_TIME.fullmatch(text.strip().removeprefix("npt:"))
    if not found:
        return math.nan
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _in_order(found: Iterable[SuppliedChapter | None]) -> tuple[SuppliedChapter, ...]:
    return tuple(sorted((chapter for chapter in found if chapter), key=lambda c: c.start))


def _chapter(row: Any, url: str) -> SuppliedChapter | None:
    """Return the chapter; None without title or time, and for one marked as not for the table of contents."""
    if not isinstance(row, dict) or row.get("toc") is False:
        return None
    given = row.get("startTime")
    try:
        # Some publishers write H:MM:SS instead of seconds.
        start = play_time(given) if isinstance(given, str) and ":" in given else float(given if given is not None else "")
    except (TypeError, ValueError, OverflowError):
        return None
    title = row.get("title")
    return _made(title if isinstance(title, str | int | float) else None, start, row.get("url"), row.get("img"), url)


def _made(title: object, start: float, link: object, picture: object, url: str) -> SuppliedChapter | None:
    shown = clean_line(str(title or ""), TITLE_LENGTH)
    if not shown or not math.isfinite(start) or start < 0:
        return None
    return SuppliedChapter(shown, round(start, 3), web_url(link, url), web_url(picture, url))

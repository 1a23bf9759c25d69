"""Chapters by the publisher: the JSON that `podcast:chapters` points to.

    bytes ─▶ {"version", "chapters": [{"startTime", "title", "url"?, "toc"?}]} ─▶ cleaned, in order, at most 500

Pictures of chapters are left out: they would be fetched from the publisher by the reader's browser.
"""

from __future__ import annotations

import json
import math
from typing import Any

from core.domain.supplied import Chapters, SuppliedChapter
from core.errors import UserError
from core.sources.clean import clean_line, web_url

MOST = 500
TITLE_LENGTH = 300


def parse(body: bytes, url: str) -> Chapters:
    """Raises UserError when it is no list of chapters, or an empty one."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
        rows = document["chapters"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError("The publisher's chapters are not in the JSON form that podcasts use. They are left out.") from error
    found = [chapter for row in rows[:MOST] if (chapter := _chapter(row, url))] if isinstance(rows, list) else []
    if not found:
        raise UserError("The publisher's list of chapters is empty.")
    return Chapters(tuple(sorted(found, key=lambda c: c.start)))


def _chapter(row: Any, url: str) -> SuppliedChapter | None:
    """None for one without a title or a time, and for one that is not meant for the table of contents."""
    if not isinstance(row, dict) or row.get("toc") is False:
        return None
    try:
        start = float(row.get("startTime", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    title = clean_line(str(row.get("title") or ""), TITLE_LENGTH)
    if not title or not math.isfinite(start) or start < 0:
        return None
    return SuppliedChapter(title, round(start, 3), web_url(row.get("url"), url))

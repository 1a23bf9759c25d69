"""Read JSON Feed into the names that feedparser uses for RSS, so that `parse` alone interprets feeds.

    bytes ─▶ {"version": "https://jsonfeed.org/version/1…", "items": [{"attachments": […]}]} ─▶ feed, entries ─▶ parse

https://jsonfeed.org/version/1.1. Hubs and custom extensions are ignored.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST_ATTACHMENTS = 50
_NAMED = re.compile(r"jsonfeed\.org", re.IGNORECASE)


def looks_like_one(body: bytes) -> bool:
    return body[:100].lstrip()[:1] == b"{"


def read(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Return the feed and its entries from a body in UTF-8; None if it is no JSON Feed."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    if not _NAMED.search(_text(document, "version")) and not _text(document, "title"):
        return None
    return _feed(document), [_entry(item) for item in document["items"] if isinstance(item, dict)]


def _feed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": html.escape(_text(document, "title"), quote=False),
        "subtitle": html.escape(_text(document, "description"), quote=False),
        "author": html.escape(", ".join(_authors(document)), quote=False),
        "link": _text(document, "home_page_url"),
        "image": {"href": _text(document, "icon") or _text(document, "favicon")},
        "language": _text(document, "language"),
        "links": [{"rel": "next", "href": _text(document, "next_url")}],
    }


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    rows = item.get("attachments")
    attached = [row for row in rows[:MOST_ATTACHMENTS] if isinstance(row, dict)] if isinstance(rows, list) else []
    told = html.escape(_text(item, "content_text"), quote=False).replace("\n", "<br>")
    return {
        "id": _text(item, "id"),
        "title": html.escape(_text(item, "title"), quote=False),
        "content": [{"value": _text(item, "content_html")}, {"value": told}],
        "summary": html.escape(_text(item, "summary"), quote=False),
        "link": _text(item, "url") or _text(item, "external_url"),
        "image": {"href": _text(item, "image") or _text(item, "banner_image")},
        "published": _text(item, "date_published"),
        "updated": _text(item, "date_modified"),
        "itunes_duration": next((text for row in attached if (text := _text(row, "duration_in_seconds"))), ""),
        "enclosures": [
            {"href": _text(row, "url"), "type": _text(row, "mime_type"), "length": _text(row, "size_in_bytes").partition(".")[0]}
            for row in attached
        ],
    }


def _authors(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of `authors` (version 1.1), else of `author` (version 1)."""
    rows = document.get("authors")
    for row in rows if isinstance(rows, list) else [document.get("author")]:
        if isinstance(row, dict) and _text(row, "name"):
            yield _text(row, "name")


def _text(row: Mapping[str, Any], name: str) -> str:
    """Return a field as text: some feeds write numbers where the specification wants strings."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # JSON can hold a lone surrogate, which UTF-8 cannot encode.
    return str(value).encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else str(value)

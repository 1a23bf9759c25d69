"""Read properties of a feed's document from its bytes: item count, truncated or not, complete or not.

A missing end tag of the root means that the document is truncated, even if a server's error message stands in its place.
"""

from __future__ import annotations

import json
import re

from core.domain.feeds.remarks import FeedRemarks

_ITEM = re.compile(rb"<(?:[\w.-]{1,30}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_END = re.compile(rb"</(?:[\w.-]{1,30}:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_COMPLETE = re.compile(rb"<[\w.-]{1,30}:complete\b[^<>]{0,200}>\s{0,50}(?:yes|true)\s{0,50}<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<[\w.-]{1,30}:updatefrequency\b[^<>]{0,400}?\scomplete\s{0,9}=\s{0,9}[\"']true[\"']", re.IGNORECASE)
_HIDDEN = re.compile(rb"<!--|<!\[CDATA\[")


def standing(body: bytes) -> FeedRemarks:
    """Return the remarks on a body that was parsed as a feed."""
    # In UTF-16 and UTF-32, tag names are ASCII with zero bytes in between.
    plain = body.replace(b"\0", b"")
    if plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{"):
        return _of_json(body)
    seen = _seen(plain)
    ends = [found.end() for found in _END.finditer(seen)]
    items = [found.start() for found in _ITEM.finditer(seen)]
    complete = b"complete" in seen.lower() and bool(_COMPLETE.search(seen) or _FREQUENCY.search(seen))
    return FeedRemarks(len(items), not ends or bool(items and items[-1] > ends[-1]), complete)


def _seen(text: bytes) -> bytes:
    """Return the text without comments and CDATA, which may hold tags of other documents, in one pass."""
    parts, at = [], 0
    while found := _HIDDEN.search(text, at):
        parts.append(text[at : found.start()])
        end = b"-->" if found[0] == b"<!--" else b"]]>"
        at = text.find(end, found.end())
        if at < 0:
            return b" ".join(parts)
        at += len(end)
    return b" ".join([*parts, text[at:]])


def _of_json(body: bytes) -> FeedRemarks:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return FeedRemarks(0, cut_off=True)
    items = found.get("items") if isinstance(found, dict) else None
    return FeedRemarks(
        len(items) if isinstance(items, list) else 0, complete=isinstance(found, dict) and found.get("expired") is True
    )

"""Feeds whose older entries stand on pages of their own (RFC 5005): read once, when a show is subscribed.

first page ─▶ names the next? ─▶ page ─▶ anything new on it? ─▶ the next … ─▶ one feed, newest first
                  └─ no, or was there before, or MOST_PAGES, or it cannot be read: what was read so far counts ─▶┘

Polls of a feed that is known read its first page alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from core.domain.feed import ParsedFeed

log = logging.getLogger(__name__)

MOST_PAGES = 100
MOST_ENTRIES = 20_000

Page = Callable[[str], ParsedFeed | None]


def whole(first: ParsedFeed, page: Page) -> ParsedFeed:
    """The feed with the entries of its older pages, each guid once. `page` gives the feed at an address, None where none is."""
    entries = {entry.guid: entry for entry in reversed(first.entries)}
    seen: set[str] = set()
    here = first
    while here.next_page and here.next_page not in seen and len(seen) < MOST_PAGES and len(entries) < MOST_ENTRIES:
        seen.add(here.next_page)
        older = page(here.next_page)
        if older is None:
            log.warning("page %d of a feed could not be read; %d entries before it are kept", len(seen) + 1, len(entries))
            break
        new = [entry for entry in older.entries if entry.guid not in entries]
        # A server that gives the same page for every number.
        if older.entries and not new:
            break
        entries |= {entry.guid: entry for entry in new}
        here = older
    if not seen:
        return first
    dated = sorted(entries.values(), key=lambda e: -(e.published_at if e.published_at is not None else float("-inf")))
    return replace(first, entries=tuple(dated))

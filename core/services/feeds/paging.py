"""Feeds with older entries on further pages (RFC 5005): read once, when a show is subscribed.

first page ─▶ link to a next page? ─▶ fetch ─▶ new entries on it? ─▶ next page … ─▶ one feed, newest first
                  ├─ none, or visited before ─▶ end
                  ├─ MOST_PAGES or MOST_ENTRIES reached ─▶ end with `enough` set
                  └─ page unreadable: keep the entries so far ─▶ `stopped_at` ─▶ the next polls resume there

Polls of a subscribed feed read its first page only, plus the rest of an unfinished walk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.feeds.feed import ParsedFeed

log = logging.getLogger(__name__)

MOST_PAGES = 100
MOST_ENTRIES = 20_000

Page = Callable[[str], ParsedFeed | None]


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through the pages of a feed. `feed` holds the entries of all `pages` read; `stopped_at` (also its `next_page`) is
    the URL of the next page, which could not be read or, with `enough`, was not fetched because a bound was reached."""

    feed: ParsedFeed
    pages: int = 1
    stopped_at: str | None = None
    enough: bool = False


def whole(first: ParsedFeed, page: Page, *, before: int = 0, entries_before: int = 0) -> Walk:
    """Return the feed with the entries of its older pages, each guid once. `page` returns the feed at a URL, or None.

    `before`, `entries_before`: the counts of older pages and entries from earlier walks; the bounds apply to the totals.
    """
    entries = {entry.guid: entry for entry in reversed(first.entries)}
    seen: set[str] = set()
    pages, here, stopped_at = 1, first, None
    enough = False
    while here.next_page and here.next_page not in seen:
        if before + len(seen) >= MOST_PAGES or entries_before + len(entries) >= MOST_ENTRIES:
            log.warning("a feed has more pages than the %d that are read of it", pages)
            stopped_at, enough = here.next_page, True
            break
        seen.add(here.next_page)
        older = page(here.next_page)
        if older is None:
            log.warning("an older page of a feed could not be read, after %d that were", pages)
            stopped_at = here.next_page
            break
        pages += 1
        new = [entry for entry in older.entries if entry.guid not in entries]
        # The server returns the same page for every page number.
        if older.entries and not new:
            break
        entries |= {entry.guid: entry for entry in new}
        here = older
    if pages == 1:
        return Walk(first, stopped_at=stopped_at, enough=enough)
    dated = sorted(entries.values(), key=lambda e: -(e.published_at if e.published_at is not None else float("-inf")))
    return Walk(replace(first, entries=tuple(dated), next_page=stopped_at), pages, stopped_at, enough)


def on_from(address: str, page: Page, *, before: int = 0, entries_before: int = 0) -> Walk:
    """Resume a walk that stopped at that page. `pages` of the result counts the pages of this walk only."""
    walk = whole(ParsedFeed("", next_page=address), page, before=before, entries_before=entries_before)
    return replace(walk, pages=walk.pages - 1)

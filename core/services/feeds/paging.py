"""Feeds whose older entries stand on pages of their own (RFC 5005): read once, when a show is subscribed.

first page ─▶ names the next? ─▶ page ─▶ anything new on it? ─▶ the next … ─▶ one feed, newest first
                  ├─ no, or was there before ─▶ the end
                  ├─ MOST_PAGES, MOST_ENTRIES ─▶ the end, and said so: `enough`
                  └─ it cannot be read: what was read so far counts ─▶ `stopped_at` ─▶ the next polls go on from there

Polls of a feed that is known read its first page alone, and what is left of such a walk.
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
    """`feed` with the entries of all `pages` that were read; `stopped_at` is the address of the next one, which could not be
    read, or was not asked for: what was read is `enough` then. The feed's own `next_page` is the same."""

    feed: ParsedFeed
    pages: int = 1
    stopped_at: str | None = None
    enough: bool = False


def whole(first: ParsedFeed, page: Page, *, before: int = 0, entries_before: int = 0) -> Walk:
    """The feed with the entries of its older pages, each guid once. `page` gives the feed at an address, None where none is.

    `before`, `entries_before`: how many older pages and entries were read by earlier walks; the bounds hold for all together.
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
        # A server that gives the same page for every number.
        if older.entries and not new:
            break
        entries |= {entry.guid: entry for entry in new}
        here = older
    if pages == 1:
        return Walk(first, stopped_at=stopped_at, enough=enough)
    dated = sorted(entries.values(), key=lambda e: -(e.published_at if e.published_at is not None else float("-inf")))
    return Walk(replace(first, entries=tuple(dated), next_page=stopped_at), pages, stopped_at, enough)


def on_from(address: str, page: Page, *, before: int = 0, entries_before: int = 0) -> Walk:
    """The rest of a walk that had stopped at that page; `pages` are those of the rest."""
    walk = whole(ParsedFeed("", next_page=address), page, before=before, entries_before=entries_before)
    return replace(walk, pages=walk.pages - 1)

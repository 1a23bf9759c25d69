"""Fetching the older pages of a feed: all of them at a subscription; later polls resume a walk that stopped early."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from core.domain.feeds.feed import Feed, ParsedFeed
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.feeds.remarks import MOST_PAGE_TRIES
from core.errors import CastMindError, Stopped
from core.services.feeds.feed_moves import MoveReading
from core.services.feeds.paging import Page, on_from, whole
from core.sources.feeds.fetch import FetchedFeed
from core.sources.feeds.reading import read_feed
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes
from core.transactions.feed_entries import Taken, take

log = logging.getLogger(__name__)

Check = Callable[[], None]
First = Callable[[str, FeedCredentials | None, Check], FetchedFeed]


class OlderPages:
    """Walks through older pages. `first` fetches a document without validators."""

    def __init__(self, store: Store, first: First, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._first = first
        self._clock = clock

    def all_of(self, reading: MoveReading, credentials: FeedCredentials | None, check: Check) -> MoveReading:
        """Return the reading with the entries of all readable pages, and with the walk that collected them."""
        if not reading.parsed:
            return reading
        walk = whole(reading.parsed, self._pager(credentials, check))
        return replace(reading, parsed=walk.feed, walk=walk)

    def go_on(self, feed: Feed, credentials: FeedCredentials | None, check: Check, *, anew: bool) -> Taken:
        """Resume the walk and write its entries. A page is tried MOST_PAGE_TRIES times, then only by polls with `anew`."""
        if not feed.next_page or feed.pages_enough or (feed.page_tries >= MOST_PAGE_TRIES and not anew):
            return Taken()
        held = len(episodes.known(self._store.read(), feed.id))
        walk = on_from(feed.next_page, self._pager(credentials, check), before=max(feed.pages - 1, 0), entries_before=held)

        def change(db: Database) -> Taken:
            current = feeds.get(db, feed.id)
            if current.next_page != feed.next_page:
                return Taken()  # another poll went on, or the feed has a new URL
            # These entries are older than the ones queued at the subscription, even if they have no date: do not queue them.
            quiet = replace(current, auto_transcribe=False)
            taken = take(db, quiet, walk.feed, now=self._clock(), whole=False) if walk.pages else Taken()
            tries = 0 if walk.pages or walk.enough else current.page_tries + 1
            came = {
                "pages": current.pages + walk.pages,
                "next_page": walk.stopped_at,
                "page_tries": tries,
                "pages_enough": walk.enough,
            }
            feeds.change(db, feed.id, came)
            return taken

        return self._store.write(change)

    def _pager(self, credentials: FeedCredentials | None, check: Check) -> Page:
        def page(address: str) -> ParsedFeed | None:
            try:
                got = self._first(address, credentials, check)
                return read_feed(got.body, got.url, got.content_type, check=check)
            except Stopped:
                raise
            except CastMindError as error:
                log.info("an older page of a feed could not be read: %s", error.code)
                return None

        return page

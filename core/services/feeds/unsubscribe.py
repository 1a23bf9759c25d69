"""Unsubscribing (`castmind.unsubscribe`), which can be undone for a week, like a delete.

remove ─▶ saved: the feed's row, its encrypted credentials, the list of deleted episodes ─▶ feed deleted
   │      its episodes stay in the library, or move to the trash
   │ restore ─▶ the feed with all its settings; its episodes belong to it again, trashed ones are restored
   └ after a week ─▶ purged
"""

from __future__ import annotations

import time
from collections.abc import Callable

from core.domain.accounts.actor import SYSTEM, Actor
from core.services.feeds.subscriptions import FeedRow, Subscriptions
from core.services.library.trash import Trash
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds, removed_feeds
from core.store.feeds.removed_feeds import RemovedFeed

KEPT = 7 * 24 * 3600.0


class Unsubscribe:
    """Removes and restores feeds. Thread-safe. The scheduler runs `step`."""

    def __init__(
        self, store: Store, subscriptions: Subscriptions, trash: Trash, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._trash = trash
        self._clock = clock

    def listing(self, actor: Actor) -> list[RemovedFeed]:
        """Return the removed feeds, the most recently removed first."""
        return removed_feeds.listing(self._store.read())

    def remove(self, actor: Actor, feed_id: int, *, episodes: bool = False) -> None:
        """Unsubscribe. The episodes stay in the library; with `episodes`, all of them move to the trash. Raises NotFound."""

        def change(db: Database) -> list[int]:
            ids = removed_feeds.keep(db, feed_id, trash=episodes, now=self._clock())
            feeds.delete(db, feed_id)
            return ids if episodes else []

        # Delete the feed first, so that a running poll cannot add episodes again.
        going = self._store.write(change)
        if going:
            self._trash.delete(actor, going)

    def restore(self, actor: Actor, feed_id: int) -> FeedRow:
        """Restore a removed feed. Raises NotFound, and Conflict if its URL is subscribed again."""
        back, trashed = self._store.write(lambda db: removed_feeds.bring_back(db, feed_id, now=self._clock()))
        if trashed:
            self._trash.restore(actor, trashed)
        return self._subscriptions.get(actor, back)

    def step(self) -> int:
        """Forget feeds that were removed over a week ago; return their number."""
        if not self.listing(SYSTEM):
            return 0
        return self._store.write(lambda db: removed_feeds.delete_old(db, before=self._clock() - KEPT))

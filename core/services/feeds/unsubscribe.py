"""Unsubscribing (`castmind.unsubscribe`), which can be undone for a week, like a delete.

remove ─▶ put away: the feed's row, its credentials, sealed as they are, what the user deleted of it ─▶ no feed any more
   │      its episodes stay, or go to the trash
   │ restore ─▶ the feed with all its choices, its episodes are its own again, those from the trash are back
   └ a week ─▶ forgotten
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
    """Safe to call from any thread. `step` is what the scheduler runs."""

    def __init__(
        self, store: Store, subscriptions: Subscriptions, trash: Trash, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._trash = trash
        self._clock = clock

    def listing(self, actor: Actor) -> list[RemovedFeed]:
        """The last removed first."""
        return removed_feeds.listing(self._store.read())

    def remove(self, actor: Actor, feed_id: int, *, episodes: bool = False) -> None:
        """Unsubscribes. The episodes stay in the library; with `episodes` all of them go to the trash. Raises NotFound."""

        def change(db: Database) -> list[int]:
            ids = removed_feeds.keep(db, feed_id, trash=episodes, now=self._clock())
            feeds.delete(db, feed_id)
            return ids if episodes else []

        # The feed first: a poll that is under way brings nothing back.
        going = self._store.write(change)
        if going:
            self._trash.delete(actor, going)

    def restore(self, actor: Actor, feed_id: int) -> FeedRow:
        """Raises NotFound, Conflict when the address is subscribed again."""
        back, trashed = self._store.write(lambda db: removed_feeds.bring_back(db, feed_id, now=self._clock()))
        if trashed:
            self._trash.restore(actor, trashed)
        return self._subscriptions.get(actor, back)

    def step(self) -> None:
        if self.listing(SYSTEM):
            self._store.write(lambda db: removed_feeds.delete_old(db, before=self._clock() - KEPT))

"""Put a notice into the outbox of each channel that takes it, in the transaction that remembers that it was told.

kind, subject, item ─▶ told already? ─▶ channels that take it, of whom it is for ─▶ a row each ─▶ the sender is woken
"""

from __future__ import annotations

import time
from collections.abc import Callable

from core.domain.notify.channel import takes
from core.domain.notify.kinds import NoticeKind
from core.domain.notify.message import Item
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.notify import channels, notices, told_states


class Outbox:
    """Safe to call from any thread. `wake` tells the sender that there may be something to send."""

    def __init__(self, store: Store, *, wake: Callable[[], None], clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._wake = wake
        self._clock = clock

    def wanted(self, *kinds: NoticeKind) -> bool:
        """Return whether any channel takes one of the kinds: looking for what nobody hears of costs something too."""
        names = {kind.name for kind in kinds}
        return any(channel.enabled and names & set(channel.kinds) for channel, _ in channels.with_roles(self._store.read()))

    def tell(self, kind: NoticeKind, subject: str, item: Item, *, about: int | None = None) -> None:
        """Tell it to all channels that take it, unless it was told and lasts. `about`: the user whom it is about."""
        if self._store.write(lambda db: self.put(db, kind, subject, item, about=about)):
            self._wake()

    def put(self, db: Database, kind: NoticeKind, subject: str, item: Item, *, about: int | None = None) -> bool:
        """Do the same within a transaction; return whether a channel takes it."""
        now = self._clock()
        meant = [
            channel for channel, role in channels.with_roles(db) if takes(channel, kind, about=about, is_admin=role == "admin")
        ]
        # What nobody hears is not told: a channel that is added later hears of a state that lasts.
        if not meant or not told_states.claim(db, kind, subject, now=now):
            return False
        for channel in meant:
            notices.add(db, channel.id, kind.name, subject, item, now=now)
        return True

    def over(self, kind: NoticeKind, subject: str, recovered: NoticeKind | None = None, item: Item | None = None) -> None:
        """Note that a state is over; tell `recovered` where it had been told, unless that still waits: then neither is told."""
        if not told_states.is_told(self._store.read(), kind, subject):
            return

        def change(db: Database) -> bool:
            told_states.forget(db, kind, subject)
            waited = notices.drop(db, kind.name, subject)
            return not waited and recovered is not None and self.put(db, recovered, subject, item or {})

        if self._store.write(change):
            self._wake()

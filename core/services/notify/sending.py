"""Make messages of what waits, and send them: in the background, for as long as it takes.

    step(): notices ─ pacing.due ─▶ messages (rows) ─▶ those that are due ─▶ a thread a channel, four at once ─▶ Outcome
                                                                                              │ pacing.next_try
                                        delivered │ tried again later │ given up  ◀───────────┘

A message is a row before it is sent. A kill between sending and noting sends it again, under the same id. A channel that is slow
holds up no other; one that is busy is passed over until it is done.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial

from core.domain.notify import pacing
from core.domain.notify.channel import Channel
from core.domain.notify.delivery import Delivery
from core.domain.notify.message import Outcome, OutgoingMessage
from core.errors import NotFound, Restoring, ShuttingDown
from core.services.notify.dispatch import Dispatch
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.notify import channels, deliveries, notices, told_states

log = logging.getLogger(__name__)

AT_ONCE = 4
PRUNE_SECONDS = 3600.0
STOP_SECONDS = 2.0


def new_uid() -> str:
    return f"msg_{secrets.token_hex(16)}"


class Sending:
    """`step` is called every few seconds; it looks at the database only if something may be due."""

    def __init__(
        self,
        store: Store,
        dispatch: Dispatch,
        *,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._dispatch = dispatch
        self._clock = clock
        self._jitter = jitter
        self._guard = threading.Lock()
        self._woken = True
        self._next: float | None = None
        self._prune_at = 0.0
        self._busy: dict[int, threading.Thread] = {}
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Have the next step look: something may be due."""
        self._woken = True

    def step(self) -> None:
        """Make the messages that are due, and begin to send."""
        now = self._clock()
        if not self._woken and (self._next is None or now < self._next):
            return
        self._woken = False
        if now >= self._prune_at:
            self._store.write(partial(deliveries.prune, now=now))
            self._store.write(partial(told_states.prune, now=now))
            self._prune_at = now + PRUNE_SECONDS
        upcoming = [at for at in (self._make(now), self._begin(now)) if at is not None]
        self._next = min(upcoming, default=None)

    def start(self) -> None:
        """Allow sending again, after `stop`: another library may be there."""
        self._stopping = threading.Event()
        self._woken = True

    def stop(self) -> None:
        """End what is being sent; it is sent again after the next start."""
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in list(self._busy.values()):
            thread.join(max(deadline - time.monotonic(), 0.0))

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until all threads are done, for tests."""
        for thread in list(self._busy.values()):
            thread.join(timeout)

    # --- making -------------------------------------------------------------------------------

    def _make(self, now: float) -> float | None:
        """Make the messages that are due; return when the next one is."""
        waiting = notices.waiting(self._store.read())
        if not waiting:
            return None
        made_before = deliveries.made_since(self._store.read(), now - pacing.HOUR)
        times: list[float] = []
        for channel, _ in channels.with_roles(self._store.read()):
            sent = made_before.get(channel.id, [])
            for group in waiting.get(channel.id, []) if channel.enabled else []:
                at = pacing.due(channel, group, sent, now)
                if at > now:
                    times.append(at)
                else:
                    self._store.write(partial(_make_message, channel=channel, kind=group.kind, now=now))
                    sent = [*sent, now]
        return min(times, default=None)

    # --- sending ------------------------------------------------------------------------------

    def _begin(self, now: float) -> float | None:
        """Begin to send what is due; return when the next try is due."""
        for delivery in deliveries.due(self._store.read(), now=now):
            with self._guard:
                if delivery.channel_id in self._busy or len(self._busy) >= AT_ONCE or self._stopping.is_set():
                    continue
                thread = threading.Thread(
                    target=self._run, args=(delivery, self._stopping), name=f"notify-{delivery.channel_id}", daemon=True
                )
                self._busy[delivery.channel_id] = thread
            thread.start()
        # What is due and waits for its turn is looked at when a thread is done, which wakes.
        upcoming = deliveries.next_at(self._store.read())
        return upcoming if upcoming is not None and upcoming > now else None

    def _run(self, delivery: Delivery, stopping: threading.Event) -> None:
        try:
            self._try(delivery, stopping)
        except (ShuttingDown, Restoring, NotFound):
            log.debug("message %s is left as it was", delivery.uid)
        except Exception:
            log.exception("message %s could not be noted; it is sent again", delivery.uid)
        finally:
            with self._guard:
                self._busy.pop(delivery.channel_id, None)
            self.wake()

    def _try(self, delivery: Delivery, stopping: threading.Event) -> None:
        def check() -> None:
            if stopping.is_set():
                raise ShuttingDown()

        db = self._store.read()
        channel, sealed = channels.one(db, delivery.channel_id), channels.sealed_of(db, delivery.channel_id)
        items = tuple(deliveries.items_of(db, delivery.id))
        message = OutgoingMessage(delivery.uid, delivery.kind, delivery.created_at, delivery.count, items)
        outcome = self._dispatch.send(channel, sealed, message, now=self._clock(), check=check)
        self._note(channel, delivery, outcome)

    def _note(self, channel: Channel, delivery: Delivery, outcome: Outcome) -> None:
        now, again = self._clock(), None
        if outcome.error is not None:
            again = pacing.next_try(
                outcome.error.code, delivery.tries + 1, now, retry_after=outcome.retry_after, jitter=self._jitter()
            )
            log.log(
                logging.INFO if again else logging.WARNING,
                "the message %s to %s was not delivered (try %d): %s",
                delivery.uid,
                channel.shown,
                delivery.tries + 1,
                outcome.error.detail,
            )
        self._store.write(lambda db: deliveries.end_try(db, delivery.id, outcome, next_at=again, now=now))


def _make_message(db: Database, *, channel: Channel, kind: str, now: float) -> None:
    count, items = notices.take(db, channel.id, kind, pacing.MOST_ITEMS)
    if count:
        deliveries.add(db, channel.id, OutgoingMessage(new_uid(), kind, now, count, tuple(items)))

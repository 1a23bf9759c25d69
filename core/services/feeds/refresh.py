"""Reading feeds now (`castmind.refresh`), one or all, beside the polls that come by themselves.

    ask(ids) ─▶ hand_out: 16 at once, 2 a host ─▶ Subscriptions.poll ─▶ done          state ─▶ how many of how many
                   cancel ─▶ what has not begun is left alone, what is being fetched ends

Only the feeds' rows tell what came of it. What was asked for is forgotten at a stop: those feeds are read when they are due.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from core.domain.feeds.folder_feed import is_local
from core.errors import Cancelled, NotFound, Restoring, ShuttingDown, Stopped
from core.services.feeds.imports import HandOut
from core.services.feeds.polls import Check
from core.services.feeds.subscriptions import Subscriptions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refresh:
    """What was asked for since nothing was: `waiting` are the feeds that are still to be read."""

    waiting: frozenset[int] = frozenset()
    done: int = 0
    new: int = 0
    failed: int = 0

    @property
    def running(self) -> bool:
        return bool(self.waiting)

    @property
    def total(self) -> int:
        return self.done + len(self.waiting)


class FeedRefresh:
    """Safe to call from any thread."""

    def __init__(self, subscriptions: Subscriptions, *, hand_out: HandOut) -> None:
        self._subscriptions = subscriptions
        self._hand_out = hand_out
        self._waiting: set[int] = set()
        self._done = self._new = self._failed = 0
        self._guard = threading.Lock()

    def state(self) -> Refresh:
        with self._guard:
            return Refresh(frozenset(self._waiting), self._done, self._new, self._failed)

    def ask(self, feed_ids: Iterable[int] | None = None) -> Refresh:
        """Reads these feeds, or all of them, as soon as may be. Raises NotFound."""
        urls = {row.feed.id: row.feed.url for row in self._subscriptions.listing() if not is_local(row.feed.url)}
        wanted = list(urls) if feed_ids is None else list(dict.fromkeys(feed_ids))
        for feed_id in wanted:
            if feed_id not in urls:
                raise NotFound(f"There is no feed {feed_id} that could be read.", id=feed_id)
        with self._guard:
            if not self._waiting:
                self._done = self._new = self._failed = 0
            begun = [feed_id for feed_id in wanted if feed_id not in self._waiting]
            self._waiting |= set(begun)
        for feed_id in begun:
            self._hand_out(f"refresh of feed {feed_id}", partial(self._work, feed_id), url=urls[feed_id])
        return self.state()

    def cancel(self) -> Refresh:
        """What was read stays read."""
        with self._guard:
            self._waiting.clear()
        return self.state()

    def start(self) -> None:
        """What was handed out before a stop is nobody's any more."""
        self.cancel()

    def _work(self, feed_id: int, check: Check) -> None:
        def still_wanted() -> None:
            check()
            if feed_id not in self._waiting:
                raise Cancelled()

        new, failed = 0, False
        try:
            still_wanted()
            polled = self._subscriptions.poll(feed_id, check=still_wanted, anew=True)
            new, failed = polled.taken.new, polled.error is not None
        except ShuttingDown:
            raise
        except (Stopped, NotFound, Restoring):
            log.debug("the refresh of feed %d was ended", feed_id)
        except Exception:
            failed = True
            raise
        finally:
            self._finished(feed_id, new, failed=failed)

    def _finished(self, feed_id: int, new: int, *, failed: bool) -> None:
        with self._guard:
            if feed_id in self._waiting:
                self._waiting.discard(feed_id)
                self._done, self._new, self._failed = self._done + 1, self._new + new, self._failed + failed

"""The lines of all imports under way, handed out among the polls of feeds.

    hand_out ─▶ lines that are due: 16 at once, 2 per host, typed addresses first ─▶ scheduler ─▶ LineImporter.settle ─▶ the row
    wait     ◀─ a line of the import has ended ◀─────────────────────────────────────────────────────────┘

Waiting lines are rows. A line that is interrupted stays as it is, and is handed out again.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from core.background.scheduler import HandOut
from core.domain.feeds.feed_address import typed
from core.domain.feeds.imports import choose
from core.errors import NotFound, Restoring, Stopped
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.polls import Check
from core.store.db.database import Store
from core.store.feeds import imports

log = logging.getLogger(__name__)

AT_ONCE = 16
AT_ONCE_A_HOST = 2


class LineQueue:
    """Shared by the tasks of all imports, so that the limits hold for them together. Thread-safe."""

    def __init__(self, store: Store, lines: LineImporter, *, hand_out: HandOut, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._lines = lines
        self._hand_out = hand_out
        self._clock = clock
        self._in_hand: dict[int, str] = {}
        self._ended: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Forget the lines handed out before a stop: nothing processes them any more."""
        with self._changed:
            self._in_hand.clear()

    def hand_out(self) -> None:
        """Hand out the lines that are due, of any import, within the limits."""
        with self._changed:
            waiting = [(i, url) for i, url in imports.due(self._store.read(), now=self._clock()) if i not in self._in_hand]
            urls = dict(waiting)
            free, busy = AT_ONCE - len(self._in_hand), Counter(self._in_hand.values())
            chosen = choose(((i, _host(url)) for i, url in waiting), busy, free=free, a_host=AT_ONCE_A_HOST)
            self._in_hand |= {line_id: _host(urls[line_id]) for line_id in chosen}
        for line_id in chosen:
            # The number tells a try from one of the same line that the scheduler has not put away yet.
            name = f"line {line_id} of an import, {next(self._numbers)}"
            self._hand_out(name, partial(self._work, line_id), url=urls[line_id])

    def ended(self, import_id: int) -> int:
        """Return how many times a line of the import has ended so far."""
        with self._changed:
            return self._ended[import_id]

    def wait(self, import_id: int, seen: int, seconds: float) -> int:
        """Wait until `ended` differs from `seen`, for `seconds` at most; return it."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended[import_id] != seen, seconds)
            return self._ended[import_id]

    def tell(self, import_id: int) -> None:
        """Wake whoever waits for the import: its rows have changed."""
        with self._changed:
            self._ended[import_id] += 1
            self._changed.notify_all()

    def _work(self, line_id: int, check: Check) -> None:
        import_id: int | None = None
        try:
            import_id = self._lines.settle(line_id, check)
        except (Stopped, Restoring, NotFound):
            log.debug("line %d of an import was left as it is", line_id)
        finally:
            with self._changed:
                self._in_hand.pop(line_id, None)
        if import_id is not None:
            self.tell(import_id)


def _host(url: str) -> str:
    try:
        return urlsplit(typed(url)).hostname or ""
    except ValueError:
        return ""

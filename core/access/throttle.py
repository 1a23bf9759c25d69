"""Slow down whoever guesses: windows that move, per address and name, per address, and per name.

attempt(address, name) ─▶ room in each window? ─┬─ no ─▶ TooManyAttempts, with the seconds to wait
                                                └─▶ counted; a success gives the pair's own attempts back

In memory: a restart forgets them. The limit per name bounds guesses from many addresses. It does not hold for an address from
which the user has signed in, so that strangers lock nobody out at home. Addresses of one IPv6 network (/64) are one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from core.domain.accounts.visit import household
from core.errors import TooManyAttempts

PAIR = "5/minute;20/hour"
ADDRESS = "30/minute;200/hour"
NAME = "100/hour"
MOST_KNOWN = 1_000


class Throttle:
    """Thread-safe."""

    def __init__(self, pair: str = PAIR, address: str = ADDRESS, name: str = NAME) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # Attempts at the same moment are looked at and counted one after the other.
        self._guard = threading.Lock()
        self._known: dict[tuple[str, str], None] = {}
        self._pair, self._address, self._name = (parse_many(text) for text in (pair, address, name))

    def attempt(self, address: str, name: str) -> None:
        """Count an attempt. Raises TooManyAttempts, in which case nothing is to be verified."""
        place = household(address)
        with self._guard:
            wanted = (
                *((item, ("pair", place, name)) for item in self._pair),
                *((item, ("address", place)) for item in self._address),
                *((item, ("name", name)) for item in self._name if (place, name) not in self._known),
            )
            full = [self._waits(item, keys) for item, keys in wanted if not self._limiter.test(item, *keys)]
            if full:
                raise TooManyAttempts(max(1, round(max(full))))
            for item, keys in wanted:
                self._limiter.hit(item, *keys)

    def succeeded(self, address: str, name: str) -> None:
        """Forget the attempts of this address and name, and that it is a stranger there."""
        place = household(address)
        with self._guard:
            self._known.pop((place, name), None)
            self._known[place, name] = None
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        self._clear(self._pair, ("pair", place, name))

    def _clear(self, items: Iterable[RateLimitItem], keys: tuple[str, ...]) -> None:
        for item in items:
            self._limiter.clear(item, *keys)

    def _waits(self, item: RateLimitItem, keys: tuple[str, ...]) -> float:
        return self._limiter.get_window_stats(item, *keys).reset_time - time.time()

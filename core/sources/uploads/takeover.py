"""Exclusive work on a key, where the newest caller takes over from the running one.

    take ─▶ free? ─▶ work ─▶ free again
              └─ no: the running work is cancelled, and the new caller waits until it has ended

A connection can be dead without knowing it, while its sender is back on a new one. So running work is cancelled, except inside
a shielded scope. Threads try `free`, and give up if the key is busy.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio

from core.errors import Conflict

LOOK_SECONDS = 0.02

T = TypeVar("T")


class Takeover:
    """The keys in work. Call `take` in one event loop only; `free`, `taken` and `busy` from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._busy: set[str] = set()
        self._scopes: dict[str, anyio.CancelScope] = {}

    def taken(self, key: str) -> bool:
        return key in self._busy

    def busy(self) -> frozenset[str]:
        """Return the keys in work now."""
        with self._guard:
            return frozenset(self._busy)

    async def take(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """Cancel the running work on `key`, then run `work`. Raises Conflict if a newer caller cancelled it."""
        while not self._occupy(key):
            if scope := self._scopes.get(key):
                scope.cancel()
            await anyio.sleep(LOOK_SECONDS)
        try:
            with anyio.CancelScope() as own:
                self._scopes[key] = own
                return await work()
        finally:
            self._scopes.pop(key, None)
            self._busy.discard(key)
        raise Conflict(
            "This file is being uploaded over another connection. What was uploaded is kept.",
            state="superseded",
            case="superseded",
        )

    @contextmanager
    def free(self, key: str) -> Iterator[bool]:
        """Reserve `key` for the block, and yield whether it was free; nothing else starts on it until the block ends."""
        mine = self._occupy(key)
        try:
            yield mine
        finally:
            if mine:
                self._busy.discard(key)

    def _occupy(self, key: str) -> bool:
        with self._guard:
            if key in self._busy:
                return False
            self._busy.add(key)
            return True

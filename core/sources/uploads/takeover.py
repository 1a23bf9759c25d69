"""Whose turn it is with a thing that one may change at a time: the newest comer's.

    take ─▶ free? ─▶ work ─▶ free again
              └─ no: what runs is told to end, and the newcomer waits until it has

A connection can be dead without knowing it; its sender is back on a new one long before. So what runs gives way, but for what
it does in a shielded scope. Threads ask with `free`, and go away when it is not.
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
    """`take` belongs to one event loop; `free`, `taken` and `busy` may be asked from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._busy: set[str] = set()
        self._scopes: dict[str, anyio.CancelScope] = {}

    def taken(self, key: str) -> bool:
        return key in self._busy

    def busy(self) -> frozenset[str]:
        """What is worked on now."""
        with self._guard:
            return frozenset(self._busy)

    async def take(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """Runs `work` when nothing else works on `key`. Raises Conflict when a newcomer ended it."""
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
        raise Conflict("The same upload goes on over another connection. What has arrived is kept.", state="superseded")

    @contextmanager
    def free(self, key: str) -> Iterator[bool]:
        """Whether nothing works on `key`; nothing begins to until the block ends."""
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

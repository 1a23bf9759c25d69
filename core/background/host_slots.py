"""Limit how many tasks run at once for each host.

    add(host, task)  ─▶ the task, if the host has a free slot; otherwise the task joins the host's queue
    end(host)        ─▶ the next task of that queue

No thread blocks on a queue: it only gets tasks that may run now. Not thread-safe: the caller holds a lock.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class HostSlots(Generic[T]):
    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._running: Counter[str] = Counter()
        self._lines: dict[str, deque[T]] = {}

    def add(self, host: str, task: T) -> T | None:
        """Return the task if it may run now; otherwise queue it and return None."""
        if self._running[host] < self._at_once:
            self._running[host] += 1
            return task
        self._lines.setdefault(host, deque()).append(task)
        return None

    def end(self, host: str) -> T | None:
        """Free the slot of an ended task; return the queued task that takes it, or None."""
        line = self._lines.get(host)
        if line:
            following = line.popleft()
            if not line:
                del self._lines[host]
            return following
        self._running[host] -= 1
        if not self._running[host]:
            del self._running[host]
        return None

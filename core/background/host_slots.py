"""Whose turn it is, where only a few of a kind may run at once.

    add(host, task)  ─▶ the task, if the host has a place free; else it waits in the host's line
    end(host)        ─▶ the next of that line

No thread waits in a line: it is given only what may run now. Not safe from several threads by itself.
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
        """The task, when it may run now."""
        if self._running[host] < self._at_once:
            self._running[host] += 1
            return task
        self._lines.setdefault(host, deque()).append(task)
        return None

    def end(self, host: str) -> T | None:
        """One of the host's has ended: the one that may run in its place, if one waits."""
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

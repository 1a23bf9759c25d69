"""Threads that share a line of tasks: one works, and another joins only while those under way wait.

    put(task) ─▶ line ─▶ take(), when nobody works ─▶ the thread works ─┬─ waiting(): for a server, another may take ─▶ works on
                                                                       ├─ PATIENCE without a word: another may take as well
                                                                       └─ take() again: this one has ended

Python runs one thread at a time, and hands its lock from core to core whenever two want to run. With hosts that answer at once
sixteen threads fell asleep sixty times a poll, one thread does so twice. Servers that are far away still have as many polls under
way as there are threads, and one that hangs keeps the others waiting for PATIENCE at most.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

# Seconds. Longer than it takes to read and to write a feed of ordinary size.
PATIENCE = 0.05


def free_in(working: Collection[float], now: float, patience: float) -> float:
    """Seconds until one more may begin, 0 or less: now. `working`: since when each works without a word, by the same clock."""
    return max(working) + patience - now if working else 0.0


class Crew(Generic[T]):
    """Safe to use from any thread; each thread that takes is one of the crew."""

    def __init__(self, *, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._line: deque[T] = deque()
        self._working: dict[int, float] = {}
        self._changed = threading.Condition()
        # One that was called and has not come yet; one that looks again by itself when PATIENCE is over.
        self._called = self._looking = False
        self._closed = False

    def put(self, task: T) -> None:
        with self._changed:
            self._line.append(task)
            self._call()

    def close(self) -> None:
        """What stands in the line is given to nobody any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self) -> T | None:
        """Ends the task that this thread took before, and waits for the next; None once the crew is closed."""
        me = threading.get_ident()
        with self._changed:
            self._working.pop(me, None)
            self._called = False
            while not self._closed:
                left = free_in(self._working.values(), self._clock(), self._patience) if self._line else None
                if left is not None and left <= 0.0:
                    self._working[me] = self._clock()
                    task = self._line.popleft()
                    self._call()
                    return task
                self._wait(left)
            return None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What the calling thread does in here takes no processor: another may begin meanwhile."""
        me = threading.get_ident()
        with self._changed:
            worked = self._working.pop(me, None) is not None
            self._call()
        try:
            yield
        finally:
            if worked:
                with self._changed:
                    self._working[me] = self._clock()

    def _wait(self, seconds: float | None) -> None:
        looks = seconds is not None and not self._looking
        self._looking = self._looking or looks
        self._changed.wait(seconds if looks else None)
        if looks:
            self._looking = False
        self._called = False

    def _call(self) -> None:
        """Wakes one, if there is something to do or to look after, and none has been called for it."""
        if not self._line or self._called:
            return
        if not self._looking or free_in(self._working.values(), self._clock(), self._patience) <= 0.0:
            self._called = True
            self._changed.notify()

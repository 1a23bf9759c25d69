"""Threads that share a queue of tasks: one works, and another starts only while the working ones wait.

    put(task) ─▶ queue ─▶ take(), when no thread works ─▶ the task runs ─┬─ waiting(): on a server; another may take ─▶ runs on
                                                                        ├─ PATIENCE exceeded: another may take as well
                                                                        └─ take() again: this task has ended

Python runs one thread at a time, and hands its lock from core to core whenever two want to run. With hosts that answer at once,
sixteen threads fell asleep sixty times a poll; one thread does so twice. Distant servers still get as many polls at once as there
are threads, and a task that hangs delays the others by PATIENCE at most.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

# Seconds. Longer than parsing and storing a feed of ordinary size takes.
PATIENCE = 0.05


def free_in(working: Collection[float], now: float, patience: float) -> float:
    """Return the seconds until one more thread may start; 0 or less means now.

    `working`: when each working thread last started or stopped waiting, by the same clock as `now`.
    """
    return max(working) + patience - now if working else 0.0


class Crew(Generic[T]):
    """A thread-safe queue; each thread that calls `take` belongs to the crew."""

    def __init__(self, *, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._line: deque[T] = deque()
        self._working: dict[int, float] = {}
        self._changed = threading.Condition()
        # `_called`: a thread was notified and has not woken yet. `_looking`: a thread wakes by itself when PATIENCE is over.
        self._called = self._looking = False
        self._closed = False

    def put(self, task: T) -> None:
        with self._changed:
            self._line.append(task)
            self._call()

    def close(self) -> None:
        """Stop handing out tasks; those still queued are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self) -> T | None:
        """End this thread's previous task and wait for the next; return None once the crew is closed."""
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
        """Mark the calling thread as waiting, so that another may start meanwhile."""
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
        """Notify one thread if a task is queued, no thread has been notified, and none is due to look by itself."""
        if not self._line or self._called:
            return
        if not self._looking or free_in(self._working.values(), self._clock(), self._patience) <= 0.0:
            self._called = True
            self._changed.notify()

"""Run a check in a thread of its own, at most one at a time: one that hangs neither holds up the others nor piles up threads.

ask() ─▶ a run is under way? ─┬─ no ──▶ start one         run.wait(until) ─┬─ the finding
                              └─ yes ─▶ share it                           └─ None: it hangs; it is not started again
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Run(Generic[T]):
    """One run of a check. `seconds` is how long it took, or how long it has taken so far."""

    def __init__(self, check: Callable[[], T], clock: Callable[[], float]) -> None:
        self._check = check
        self._clock = clock
        self._began = clock()
        self._ended: float | None = None
        self._done = threading.Event()
        self._found: T | None = None

    def __call__(self) -> None:
        try:
            self._found = self._check()
        finally:
            self._ended = self._clock()
            self._done.set()

    @property
    def over(self) -> bool:
        return self._done.is_set()

    @property
    def seconds(self) -> float:
        return (self._clock() if self._ended is None else self._ended) - self._began

    def wait(self, limit: float) -> T | None:
        """Return the finding, or None if the run takes longer than `limit` seconds from its own start."""
        self._done.wait(max(limit - self.seconds, 0.0))
        return self._found


class BoundedCheck(Generic[T]):
    """`check` must not raise. Thread-safe."""

    def __init__(self, name: str, check: Callable[[], T], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._check = check
        self._clock = clock
        self._guard = threading.Lock()
        self._run: Run[T] | None = None

    def ask(self) -> Run[T]:
        """Return the run under way, or start one."""
        with self._guard:
            if self._run is None or self._run.over:
                self._run = Run(self._check, self._clock)
                # With the context of who asks, which limits the wait for locks.
                context = contextvars.copy_context()
                threading.Thread(target=context.run, args=(self._run,), name=f"check-{self._name}", daemon=True).start()
            return self._run

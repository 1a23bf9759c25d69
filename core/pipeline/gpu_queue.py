"""The queue for the card: its holder and its waiters. Models are loaded and unloaded in `gpu`.

    join ─▶ waiting ─▶ holder ─▶ leave
               ▲          │
               └ step_back┘   at a boundary of its work, if another is to go first

- The highest priority goes first; among equals, the one that joined first.
- A waiter rises one priority for each RISE_SECONDS that it waits, so that a stream of urgent takers cannot starve the rest.
- A holder steps back at its next boundary for a higher priority, and keeps its place among its equals.
- A holder steps back for an equal once it has held for SLICE_SECONDS, and goes to the end of its queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from core.domain.jobs.gpu_line import Entry, Priority, QueueState

# How long a holder keeps the card from its equals: each swap costs the loading of a model.
SLICE_SECONDS = 600.0
# Longer than a slice plus a window, so that only waiters that were passed over rise.
RISE_SECONDS = 1800.0


def _nothing(*_: object) -> None:
    """Do nothing: a `tell` without a listener."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A user of the card. `name` is for logs and the status page, which shows a Message in the reader's language.

    `check` is called while it waits; an exception raised by it ends the wait. `tell` receives the reason for the wait, as the key
    of a phase.
    """

    name: str
    priority: Priority = Priority.RUNNING
    check: Callable[[], None] = _nothing
    tell: Callable[[str], None] = _nothing


@dataclass(eq=False, slots=True)
class QueuePlace:
    """A taker's place in the queue. Times are seconds of the queue's clock; `held` accumulates over its steps back."""

    taker: Taker
    number: int
    since: float
    held: float = 0.0

    @property
    def priority(self) -> Priority:
        return self.taker.priority


class GpuQueue:
    """A queue with one holder at a time. Thread-safe; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._numbers = count()
        self._moved = threading.Condition()
        self._holder: QueuePlace | None = None
        self._waiting: list[QueuePlace] = []

    def join(self, taker: Taker) -> QueuePlace:
        """Return a place for the taker, which becomes the holder at once if the card is free."""
        with self._moved:
            place = QueuePlace(taker, next(self._numbers), self._clock())
            self._waiting.append(place)
            self._advance()
            return place

    def leave(self, place: QueuePlace) -> None:
        """Give the place up, whether it holds the card, waits or has left before."""
        with self._moved:
            if place is self._holder:
                self._holder = None
            elif place in self._waiting:
                self._waiting.remove(place)
            self._advance()

    def holds(self, place: QueuePlace) -> bool:
        with self._moved:
            return place is self._holder

    def wait(self, place: QueuePlace, seconds: float) -> bool:
        """Block for at most `seconds` until the place holds the card; return whether it does."""
        with self._moved:
            return self._moved.wait_for(lambda: place is self._holder, seconds)

    def wanted(self, place: QueuePlace) -> bool:
        """Return whether the holder is to step back at its next boundary."""
        with self._moved:
            return self._urgent(place) or self._used_up(place)

    def step_back(self, place: QueuePlace) -> bool:
        """Hand the card over if another is to go first, and queue again; return whether it did."""
        with self._moved:
            urgent = self._urgent(place)
            if place is not self._holder or not (urgent or self._used_up(place)):
                return False
            now = self._clock()
            place.held += now - place.since
            if not urgent:
                place.number, place.held = next(self._numbers), 0.0
            place.since, self._holder = now, None
            # The next holder is chosen before this one waits, so the taker that it steps back for goes first.
            self._advance()
            self._waiting.append(place)
            return True

    def state(self) -> QueueState:
        with self._moved:
            now = self._clock()
            waiting = sorted(self._waiting, key=self._rank)
            return QueueState(_entry(self._holder, now) if self._holder else None, tuple(_entry(p, now) for p in waiting))

    def _urgent(self, holder: QueuePlace) -> bool:
        return any(p.priority > holder.priority for p in self._waiting)

    def _used_up(self, holder: QueuePlace) -> bool:
        if holder.held + self._clock() - holder.since < SLICE_SECONDS:
            return False
        return any(self._raised(p) >= holder.priority for p in self._waiting)

    def _raised(self, place: QueuePlace) -> int:
        steps = int((self._clock() - place.since) // RISE_SECONDS)
        return min(place.priority + steps, max(Priority))

    def _rank(self, place: QueuePlace) -> tuple[int, int]:
        """Return the sort key; the next holder sorts first."""
        return -self._raised(place), place.number

    def _advance(self) -> None:
        if self._holder is None and self._waiting:
            self._holder = min(self._waiting, key=self._rank)
            self._waiting.remove(self._holder)
            self._holder.since = self._clock()
            self._moved.notify_all()


def _entry(place: QueuePlace, now: float) -> Entry:
    return Entry(place.taker.name, place.priority, round(now - place.since, 1))

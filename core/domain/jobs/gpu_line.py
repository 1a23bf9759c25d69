"""The queue for the graphics card, as the status page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Priority(IntEnum):
    """How urgent the work is: a person who waits at the screen, a job of the queue, or a chore that nobody waits for."""

    BACKGROUND = 0
    RUNNING = 1
    PERSON = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the queue as it is shown; `seconds` is how long it has held or waited."""

    name: str
    priority: Priority
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueState:
    """The holder of the card, None when it is free, and the waiting entries, the next one first."""

    holder: Entry | None = None
    waiting: tuple[Entry, ...] = field(default=())

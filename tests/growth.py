"""Whether a reader's work grows with the length of what it reads, or faster.

One text and one eight times as long are read by the same thread, one after the other: eight times the work is right, sixty-four
is a square. Only processor time of this thread counts, the better of two runs, and no garbage is collected meanwhile: what other
tests left behind, and other programs, bear on neither.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

STEP = 8
# A line would be 1; a square 8.
MARGIN = 4.0
# Seconds: what takes less shows nothing.
FLOOR = 0.004

Text = TypeVar("Text", str, bytes)


def growth(read: Callable[[Text], object], make: Callable[[int], Text], size: int) -> float:
    """How much more than its length the work grew from `size` to eight times as much."""
    small, large = make(size), make(size * STEP)
    return min(_seconds(read, large) / max(min(_seconds(read, small), _seconds(read, small)), FLOOR) for _ in range(2)) / STEP


def grows_in_line(read: Callable[[Text], object], make: Callable[[int], Text], size: int) -> None:
    """Fails otherwise."""
    times = growth(read, make, size)
    assert times < MARGIN, f"{STEP} times the text took {times * STEP:.0f} times as long"


def _seconds(read: Callable[[Text], object], text: Text) -> float:
    with _no_collection():
        began = time.thread_time()
        read(text)
        return time.thread_time() - began


@contextmanager
def _no_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

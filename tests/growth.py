"""Check whether a parser's work grows linearly with the length of its input, or faster.

The same thread parses a text and one eight times as long: eight times the work is linear, sixty-four times is quadratic. Only
this thread's processor time counts, without garbage collection, and a run that shows too much is repeated once: leftovers of
other tests and other programs have no influence.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

STEP = 8
# Linear growth would be 1; quadratic 8.
MARGIN = 4.0
# Seconds: shorter runs prove nothing.
FLOOR = 0.004

Text = TypeVar("Text", str, bytes)


def most_long(cases: Iterable[tuple[str, str]], *, every: int) -> list[pytest.ParameterSet]:
    """Leave one of `every` cases to each run of the tests; the others take too long for that."""
    return [pytest.param(*case, marks=() if not number % every else pytest.mark.long) for number, case in enumerate(cases)]


def growth(read: Callable[[Text], object], small: Text, large: Text) -> float:
    """Return the growth of the work relative to the growth of the length; `large` is eight times as long as `small`."""
    return _seconds(read, large) / max(min(_seconds(read, small), _seconds(read, small)), FLOOR) / STEP


def grows_in_line(read: Callable[[Text], object], make: Callable[[int], Text], size: int) -> None:
    """Fail if the work grows faster than linearly from `size` to eight times as much."""
    small, large = make(size), make(size * STEP)
    times = growth(read, small, large)
    if times >= MARGIN:
        times = growth(read, small, large)
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

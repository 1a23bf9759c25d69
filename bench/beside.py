"""What goes on beside a measurement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def repeated(work: Callable[[], object], *, pause: float) -> Iterator[None]:
    """Does a work over and over in a thread of its own, with a pause (seconds) before each time; raises what the work raised."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(pause):
            work()

    with ThreadPoolExecutor(1) as pool:
        repeating = pool.submit(repeat)
        try:
            yield
        finally:
            ended.set()
        repeating.result()

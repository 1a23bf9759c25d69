"""Background work during a measurement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def repeated(work: Callable[[], object], *, pause: float) -> Iterator[None]:
    """Call `work` repeatedly in a separate thread, `pause` seconds before each call; re-raise its exception at the end."""
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

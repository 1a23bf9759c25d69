"""An upper bound on the time that a click or a request waits for publishers' servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.net import web


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Set a deadline for all fetches of this thread within the block: they finish or fail within `seconds`."""
    token = web.deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        web.deadline.reset(token)

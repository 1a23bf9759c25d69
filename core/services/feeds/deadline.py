"""How long a click or a request waits for servers of publishers, whatever they do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.net import web


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that is fetched in this block, in this thread, has come or failed after so many seconds."""
    token = web.deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        web.deadline.reset(token)

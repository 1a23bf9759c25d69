"""Routes that fetch from other servers: in threads of their own, and with an end.

    request ─▶ a thread free? ─▶ fetch, all of its requests together within DEADLINE ─▶ answer
                   │ not within QUEUE_SECONDS                │ not even ended by it
                   └─────────────────────────────────────────┴─▶ 503 fetching_busy, Retry-After

However slow the servers of publishers are, the threads in which all other routes work stay free.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.lowlevel import RunVar

from core.errors import FetchingBusy
from core.services.feeds import deadline

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 12
QUEUE_SECONDS = 20.0
DEADLINE = 60.0
# For what a deadline of requests cannot end: a look-up of a name that hangs in the operating system.
GRACE = 10.0

_threads: RunVar[anyio.CapacityLimiter] = RunVar("threads that fetch")


def outbound(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A route that blocks on other servers, as one that does not. Raises FetchingBusy besides."""

    @wraps(work)
    async def fetching(*arguments: P.args, **named: P.kwargs) -> T:
        def run() -> T:
            anyio.from_thread.run_sync(begin)
            with deadline.within(DEADLINE):
                return work(*arguments, **named)

        def begin() -> None:
            scope.deadline = anyio.current_time() + DEADLINE + GRACE

        try:
            with anyio.fail_after(QUEUE_SECONDS) as scope:
                # What is given up keeps its thread to its end, so that there are never more of them.
                return await anyio.to_thread.run_sync(run, limiter=_limiter(), abandon_on_cancel=True)
        except TimeoutError as error:
            raise FetchingBusy() from error

    return fetching


def _limiter() -> anyio.CapacityLimiter:
    """One for the server's event loop."""
    try:
        return _threads.get()
    except LookupError:
        _threads.set(made := anyio.CapacityLimiter(THREADS))
        return made

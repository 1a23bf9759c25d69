"""Run routes that fetch from other servers in threads of their own, with a deadline.

    request ─▶ a thread free? ─▶ fetch, all of its requests together within DEADLINE ─▶ response
                 │ not within QUEUE_SECONDS    │ DEADLINE did not end it
                 └─────────────────────────────┴─▶ 503 fetching_busy, Retry-After

However slow publishers' servers are, the threads of all other routes stay free.
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
# Extra seconds for operations that the deadline cannot end, such as a hanging name look-up in the operating system.
GRACE = 10.0

_threads: RunVar[anyio.CapacityLimiter] = RunVar("threads that fetch")


def outbound(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Convert a route that blocks on other servers to an async one. It can also raise FetchingBusy."""

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
                # An abandoned call keeps its thread until it ends, so that the number of threads stays limited.
                return await anyio.to_thread.run_sync(run, limiter=_limiter(), abandon_on_cancel=True)
        except TimeoutError as error:
            raise FetchingBusy() from error

    return fetching


def _limiter() -> anyio.CapacityLimiter:
    """Return the limiter of the server's event loop."""
    try:
        return _threads.get()
    except LookupError:
        _threads.set(made := anyio.CapacityLimiter(THREADS))
        return made

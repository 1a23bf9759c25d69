"""One server for all tests of a process, before the services of the test at hand.

    routes, built once ─▶ Lent ─▶ the services of this test
    uvicorn, one thread ─▶ SharedServer.app ─▶ the middlewares of this test ─▶ those routes

Building the routes takes a fifth of a second of processor time, and a uvicorn that ends looks up ten times a second only.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.routes import routes
from core.pipeline import graph

# How long a request may go on when its test has ended, in seconds: then it is cancelled.
GRACE = 1.0
# Where the classes are whose instances routes keep from when they are built on.
SERVICES = (
    "core.services.",
    "core.background.",
    "core.ops.backup.",
    "core.ops.doctor.",
    "core.ops.incidents.",
    "core.sources.uploads.",
)


class Lent:
    """Proxy: looks up attributes on the current result of `held`. Services among them are proxied as well."""

    def __init__(self, held: Callable[[], Any]) -> None:
        self._held = held

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._held(), name)
        if type(found).__module__.startswith(SERVICES):
            return Lent(lambda: getattr(self._held(), name))
        return found


class SharedServer:
    def __init__(self) -> None:
        self._services: Any = None
        self._app: ASGIApp | None = None
        self._requests: set[asyncio.Task[Any]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # As it is in CastMind: else the second of two small packets waits 40 ms for word of the first.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(self._answer, interface="asgi3", log_level="error", timeout_graceful_shutdown=1, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def routes(self, services: Any) -> list[BaseRoute]:
        """Those of today's steps; until the next call they are asked for these services."""
        self._services = services
        return self._built(tuple(graph.steps()))

    @contextmanager
    def serving(self, app: ASGIApp) -> Iterator[str]:
        """Where it answers. No request goes on after the end."""
        self._app = app
        try:
            yield self.url
        finally:
            asyncio.run_coroutine_threadsafe(self._settle(), self._loop).result()
            self._app = None

    @cache  # noqa: B019 - there is one of these, to the end
    def _built(self, _steps: tuple[str, ...]) -> list[BaseRoute]:
        return routes(Lent(lambda: self._services))

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.serve(sockets=[self._listener]))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app, "a request came when no test was running"
        task = asyncio.current_task()
        assert task
        self._requests.add(task)
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests.discard(task)

    async def _settle(self) -> None:
        if self._requests:
            await asyncio.wait(set(self._requests), timeout=GRACE)
        for task in list(self._requests):
            task.cancel()
        if self._requests:
            await asyncio.wait(set(self._requests))

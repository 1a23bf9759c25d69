"""Limit the number of WebSockets, which are open pages: in total, and per address.

    handshake ─▶ room? ─┬─ yes ─▶ counted until it ends ─▶ the app
                        └─ no ──▶ 503 with Retry-After and the reason, before anything is set up

`connections` lets a connection go once it is a WebSocket. Each of them is a session of Streamlit, with a script and its memory:
an open page in a loop, or a program that opens one after another, must not take the room of everybody else.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from core.api import problems

log = logging.getLogger(__name__)

MOST = 200
# A proxy, or a container's network, may make a whole household appear as one address.
MOST_OF_ADDRESS = 50
RETRY_SECONDS = 10
TRY_AGAIN_LATER = 1013


class Sockets:
    """A middleware for the app, inside the guard. Belongs to the server's event loop.

    `told` gets the number of open pages whenever it changes.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int = MOST,
        most_of_address: int = MOST_OF_ADDRESS,
        *,
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._app = app
        self._most = most
        self._most_of_address = most_of_address
        self._open: Counter[str] = Counter()
        self._full = False
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if reason := self._refusal(address):
            await self._refuse(reason, scope, receive, send)
            return
        self._open[address] += 1
        self._told(self._open.total())
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[address] -= 1
            # Drops addresses without connections, which would take memory.
            self._open += Counter()
            self._told(self._open.total())

    def _refusal(self, address: str) -> str | None:
        if self._open.total() >= self._most:
            reason = f"{self._most} pages are open, as many as there may be at once. Close some, then load this one again."
        elif self._open[address] >= self._most_of_address:
            reason = (
                f"{self._most_of_address} pages are open from this address, as many as one may have. "
                "Close some, then load this one again."
            )
        else:
            self._full = False
            return None
        if not self._full:
            log.warning("a page was refused: %s", reason)
        self._full = True
        return reason

    @staticmethod
    async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "too_many_pages"})
            return
        await receive()
        answer = problems.problem(503, "too_many_pages", reason, headers={"Retry-After": str(RETRY_SECONDS)})
        await send({"type": "websocket.http.response.start", "status": 503, "headers": answer.raw_headers})
        await send({"type": "websocket.http.response.body", "body": bytes(answer.body)})

"""How often a client may ask, and how much it may send: against programs that run away, and floods (middlewares).

request ─▶ whose? session │ API token's user │ address ─▶ room in the windows of its kind? ─┬─ no ─▶ 429, Retry-After
                                                                                            └─▶ body counted as it arrives ─▶ 413

The address is what the gate found: whom a proxy names counts only if the settings trust the proxy. This computer itself, before a
password is set, is not counted. Routes that stream have limits of their own (uploads, lists of feeds, backups).
"""

from __future__ import annotations

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.gate.refusal import TRY_AGAIN_LATER, refuse
from core.api.gate.request_gate import VISIT
from core.api.gate.route_table import Weight, weight_of
from core.domain.accounts.actor import IN_SCOPE, Actor
from core.domain.accounts.visit import Visit, household
from core.errors import TooLarge, TooManyRequests

# Far beyond what pages ask for: a page of covers is a burst of fifty requests, a search one for each key.
READS, CHANGES, SLOW = "12000/minute", "1200/minute", "120/minute"
# Of those who are nobody: the pages of sign-in, /health, /metrics.
STRANGERS = "600/minute"
# A million characters of notes, each escaped as JSON does at worst, and room to spare.
MOST_BYTES = 16_000_000
READING = ("GET", "HEAD", "OPTIONS", "WEBSOCKET")


class RateLimits:
    """A middleware inside the gate. Memory: two counters for each client and kind of the last minute."""

    def __init__(
        self, app: ASGIApp, *, reads: str = READS, changes: str = CHANGES, slow: str = SLOW, strangers: str = STRANGERS
    ) -> None:
        self._app = app
        self._reads, self._changes, self._slow, self._strangers = (parse(text) for text in (reads, changes, slow, strangers))
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        actor: Actor | None = scope.get(IN_SCOPE)
        if actor is not None and actor.how in ("open", "console"):
            await self._app(scope, receive, send)
            return
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        client, item = client_of(actor, scope[VISIT]), self._item(actor, method, scope["path"])
        # One counter for each kind: reading many episodes leaves room to change one.
        if self._limiter.hit(item, client, str(item)):
            await self._app(scope, receive, send)
            return
        wait = max(1.0, self._limiter.get_window_stats(item, client, str(item)).reset_time - time.time())
        await refuse(TooManyRequests(wait), scope, receive, send, closing=TRY_AGAIN_LATER)

    def _item(self, actor: Actor | None, method: str, path: str) -> RateLimitItem:
        if actor is None:
            return self._strangers
        if weight_of(method, path) is Weight.SLOW:
            return self._slow
        return self._reads if method in READING else self._changes


def client_of(actor: Actor | None, visit: Visit) -> str:
    """Return the name under which requests are counted: a session, the tokens of a user, or an address (IPv6: its /64)."""
    if actor is not None and actor.session_id:
        return f"session {actor.session_id}"
    if actor is not None:
        return f"tokens of {actor.user_id}"
    return f"address {household(visit.address)}"


class BodyLimit:
    """A middleware: refuse bodies beyond `most` bytes, by their Content-Length or as they arrive, where no route streams."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or weight_of(scope["method"], scope["path"]) is Weight.STREAM:
            await self._app(scope, receive, send)
            return
        error = TooLarge(f"A request of this kind has at most {self._most / 1e6:.0f} MB. Nothing was changed.", limit=self._most)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if said.isdigit() and int(said) > self._most:
            await refuse(error, scope, receive, send)
            return
        total, started = 0, False

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            # Frameworks take any error here for a body that cannot be parsed; a client that left, they leave alone.
            return {"type": "http.disconnect"} if total > self._most else message

        async def sending(message: Message) -> None:
            nonlocal started
            if total <= self._most or started:
                started = True
                await send(message)

        try:
            await self._app(scope, counted, sending)
        except ClientDisconnect:
            if total <= self._most:
                raise
        if total > self._most and not started:
            await refuse(error, scope, receive, send)

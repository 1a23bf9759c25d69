"""Give each request an id, and log one line about it: who asked for what, the outcome, how long it took, how much was sent.

    request ─▶ id (the client's own, if it is a plain one) ─▶ context of all that is logged meanwhile ─▶ the app
            ─▶ X-Request-ID in the response ─▶ line: method, route, path, status, seconds, bytes, user

A WebSocket is one line, at its end. `route` is the pattern, so that lines can be counted by it. The query is left out: it may
hold what somebody searches for. What asks the same every few seconds, and files of the pages, are logged at DEBUG unless they
fail. The part that finds out who asks binds `user_id` (structlog.contextvars.bind_contextvars).
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, get_contextvars, reset_contextvars

from core.domain.log_kinds import ACCESS_LOG, PERFORMANCE_LOG

log = logging.getLogger(ACCESS_LOG)
slow = logging.getLogger(PERFORMANCE_LOG)

HEADER = "X-Request-ID"
SLOW_SECONDS = 1.0
LONGEST_PATH = 300
_PLAIN = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_FREQUENT = re.compile(r"/(?:health|metrics|_stcore/(?:health|host-config)|static|component|media|app)(?:/|$)")
# An open connection that sends now and then is not slow.
_LONG = re.compile(r"/(?:events|audio|media|backups|exports?|uploads?|tus)\b")
_SWITCHED = 101


class AccessLog:
    """A middleware for the app, outside of all others that answer."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or secrets.token_hex(8)
        answer = _Answer(send, request_id)
        before = bind_contextvars(request_id=request_id)
        began = self._clock()
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            answer.status = answer.status or 500
            raise
        finally:
            _tell(scope, answer, self._clock() - began)
            reset_contextvars(**before)


class _Answer:
    """Notes what is sent."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = request_id
        self.status = 0
        self.bytes = 0

    async def send(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
                MutableHeaders(scope=message)[HEADER] = self._id
            case "http.response.body" | "websocket.http.response.body":
                self.bytes += len(message.get("body", b""))
            case "websocket.accept":
                self.status = _SWITCHED
            case "websocket.close" if not self.status:
                self.status = 403
            case "websocket.send":
                self.bytes += len(message.get("bytes") or message.get("text") or b"")
        await self._send(message)


def _given(scope: Scope) -> str | None:
    named = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return named[0].decode() if len(named) == 1 and _PLAIN.fullmatch(named[0]) else None


def _tell(scope: Scope, answer: _Answer, seconds: float) -> None:
    path = scope["path"][:LONGEST_PATH]
    facts: dict[str, Any] = {
        "method": scope.get("method", "WEBSOCKET"),
        "route": _route(scope),
        "path": path,
        # 0: the client left, or the server stopped, before anything was sent.
        "status": answer.status,
        "seconds": round(seconds, 4),
        "bytes": answer.bytes,
        "client": (scope.get("client") or ("",))[0],
        "user_id": get_contextvars().get("user_id"),
    }
    often = _FREQUENT.match(path) and 0 < answer.status < 400
    log.log(logging.DEBUG if often else logging.INFO, "%s %s %d", facts["method"], path, answer.status, extra=facts)
    if seconds >= SLOW_SECONDS and scope["type"] == "http" and not _LONG.search(path):
        named = {name: facts[name] for name in ("method", "route", "status", "seconds")}
        slow.warning("%s %s took %.1f s", facts["method"], facts["route"] or path, seconds, extra=named)


def _route(scope: Scope) -> str | None:
    """Return the pattern of the route that answered, with the place where it is mounted; None for a page or a file."""
    pattern = getattr(scope.get("route"), "path_format", None) or getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{pattern}" if pattern else None

"""Who may speak to this server: browsers that opened it under a name of its own.

    request, WebSocket ─▶ Host one of ours? ─▶ Origin, if named, one of ours? ─▶ not a cross-site write? ─▶ the app
                              │ no                    │ no                          │ no
                              └───────────────────────┴─────────────────────────────┴──▶ 403 forbidden_origin

The first check stops DNS rebinding, the others stop other websites' pages. A pure ASGI middleware, because those of
Starlette's base class do not see WebSockets, and Streamlit accepts any Host and Origin by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api import problems
from core.errors import ForbiddenOrigin

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# To listen on these is to listen everywhere; nobody's browser has a good reason to name them.
WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY_VIOLATION = 1008

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FRAMING = "frame-ancestors 'self'"


def host_names(host: str, allowed_hosts: Iterable[str]) -> frozenset[str]:
    """The names under which this server may be called: its own, the configured `host`, and `allowed_hosts`."""
    return OWN_NAMES | ({name_of(each) for each in (host, *allowed_hosts)} - WILDCARDS)


def name_of(authority: str) -> str:
    """`Example.org:8501` → `example.org`, `[::1]:8501` and `::1` → `::1`; "" when it is not a host with a port."""
    text = authority.strip().lower()
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    try:
        parts = urlsplit(f"//{text}")
        _ = parts.port  # raises for what is no port
    except ValueError:
        return ""
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").removesuffix(".")


def refusal(method: str, headers: Headers, names: frozenset[str]) -> str | None:
    """Why a request is turned away; None when it may pass."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or name_of(hosts[0]) not in names:
        return f"This server is not {', '.join(hosts) or 'nameless'}. Add the name to the setting allowed_hosts to use it."
    for origin in headers.getlist("origin"):
        scheme, _, authority = origin.partition("://")
        if scheme not in ("http", "https") or name_of(authority) not in names:
            return "Pages of other websites may not call this server."
    if method not in SAFE_METHODS and headers.get("sec-fetch-site") == "cross-site":
        return "Pages of other websites may not change anything here."
    return None


class Guard:
    """Give it to the app as a middleware; `names` are those of `host_names`, `policy` is the Content-Security-Policy."""

    def __init__(self, app: ASGIApp, names: frozenset[str], policy: str = FRAMING) -> None:
        self._app = app
        self._names = names
        self._headers = {**SECURITY_HEADERS, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # A WebSocket's handshake is a GET, but what follows can change things; its Origin is always sent by browsers.
        reason = refusal(scope.get("method", "GET"), Headers(scope=scope), self._names)
        if reason is None:
            await self._app(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "forbidden_origin"})
        else:
            await problems.of(ForbiddenOrigin(reason))(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return sending

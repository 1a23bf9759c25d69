"""Who may speak to this server: browsers that opened it under a name of its own, and its own pages in them.

    request, WebSocket ─▶ Host one of ours? ─▶ Origin, if named, the one asked? ─▶ no other page's doing? ─▶ the app
                              │ no                    │ no                           │ no
                              └───────────────────────┴──────────────────────────────┴──▶ 403 forbidden_origin

The first check stops DNS rebinding, the others stop other pages: another port of this computer is another page too, so
scheme, host and port of an Origin have to be those that the browser asked for. Those stand in Host, whatever port a container
or a proxy publishes. Behind a proxy X-Forwarded-Host and X-Forwarded-Proto count as well; no page can set them on a request to
another origin. Every browser names Origin or Sec-Fetch-Site where a page writes to another one, so what names neither is a
program, such as curl.

A pure ASGI middleware, because those of Starlette's base class do not see WebSockets, and Streamlit accepts any Host and
Origin by itself.
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
DEFAULT_PORTS = {"http": 80, "https": 443}
# A WebSocket's Origin is that of the page.
WEB_SCHEMES = {"ws": "http", "wss": "https"}
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


def port_of(authority: str, scheme: str) -> int | None:
    """The port in an authority that `name_of` knows, or what its scheme stands for."""
    text = authority.strip()
    bare_v6 = text.count(":") > 1 and not text.startswith("[")
    return (None if bare_v6 else urlsplit(f"//{text}").port) or DEFAULT_PORTS.get(scheme)


def refusal(method: str, headers: Headers, names: frozenset[str], scheme: str = "http") -> str | None:
    """Why a request is turned away; None when it may pass. `scheme` is the one that it came by."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or name_of(hosts[0]) not in names:
        return f"This server is not {', '.join(hosts) or 'nameless'}. Add the name to the setting allowed_hosts to use it."
    if not all(_is_asked(origin, headers, names, scheme) for origin in headers.getlist("origin")):
        return (
            "Only pages of this address may call it: scheme, host and port have to be the same. "
            "Behind a proxy, pass on the Host that the browser names, with its port."
        )
    if not all(_is_own_doing(site, method, headers) for site in headers.getlist("sec-fetch-site")):
        return "Pages of other addresses may not change or load anything here."
    return None


def _is_asked(origin: str, headers: Headers, names: frozenset[str], scheme: str) -> bool:
    """Whether the origin of a page is the one that this request was sent to."""
    of, _, authority = origin.partition("://")
    name = name_of(authority)
    if of not in DEFAULT_PORTS or name not in names:
        return False
    asked = [headers["host"], *_first(headers, "x-forwarded-host")]
    if of not in (*_first(headers, "x-forwarded-proto"), WEB_SCHEMES.get(scheme, scheme)) and not (
        # A proxy that ends TLS without saying so: such a name was given to this server by the settings.
        of == "https" and name not in OWN_NAMES
    ):
        return False
    return any(name == name_of(each) and port_of(authority, of) == port_of(each, of) for each in asked)


def _first(headers: Headers, name: str) -> list[str]:
    """What the proxy next to the browser said; empty when there is none."""
    said = headers.get(name, "").split(",")[0].strip().lower()
    return [said] if said else []


def _is_own_doing(site: str, method: str, headers: Headers) -> bool:
    """By Fetch Metadata: our own page, the person (`none`), or a link that leads here and only reads."""
    if site in ("same-origin", "none"):
        return True
    return method in SAFE_METHODS and headers.get("sec-fetch-mode", "navigate") == "navigate"


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
        reason = refusal(scope.get("method", "GET"), Headers(scope=scope), self._names, scope.get("scheme", "http"))
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

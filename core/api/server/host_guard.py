"""Admit requests only from browsers that opened this server under one of its own names, and from its own pages.

    request, WebSocket ─▶ Host one of ours? ─▶ Origin, if sent, the requested one? ─▶ not by another page? ─▶ the app
                              │ no                    │ no                              │ no
                              └───────────────────────┴─────────────────────────────────┴──▶ 403 forbidden_origin

The first check stops DNS rebinding, the others stop other pages. Another port of this computer is another page too, so scheme,
host and port of an Origin have to be those that the browser requested. Host contains them, whatever port a container or a proxy
publishes. Behind a proxy, X-Forwarded-Host and X-Forwarded-Proto count as well; no page can set them on a request to another
origin. Every browser sends Origin or Sec-Fetch-Site when a page writes to another origin, so a request without either comes from
a program such as curl.

A pure ASGI middleware, because those of Starlette's base class do not see WebSockets, and Streamlit itself accepts any Host and
Origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api import problems
from core.errors import ForbiddenOrigin

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Listening on these means all interfaces; no browser has a good reason to use them as a name.
WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS = {"http": 80, "https": 443}
# The Origin of a WebSocket is that of the page.
WEB_SCHEMES = {"ws": "http", "wss": "https"}
POLICY_VIOLATION = 1008

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # A page records; no feed, note or script needs the rest.
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), "
    "display-capture=(), browsing-topics=()",
}
FRAMING = "frame-ancestors 'self'"


def host_names(host: str, allowed_hosts: Iterable[str]) -> frozenset[str]:
    """Return the names under which this server may be requested: its own, the configured `host`, and `allowed_hosts`."""
    return OWN_NAMES | ({name_of(each) for each in (host, *allowed_hosts)} - WILDCARDS)


def name_of(authority: str) -> str:
    """Convert `Example.org:8501` to `example.org`, `[::1]:8501` and `::1` to `::1`.

    "" if it is not a host with an optional port.
    """
    text = authority.strip().lower()
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    try:
        parts = urlsplit(f"//{text}")
        _ = parts.port  # raises for an invalid port
    except ValueError:
        return ""
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").removesuffix(".")


def port_of(authority: str, scheme: str) -> int | None:
    """Return the port in an authority that `name_of` accepts, or the default of its scheme."""
    text = authority.strip()
    bare_v6 = text.count(":") > 1 and not text.startswith("[")
    return (None if bare_v6 else urlsplit(f"//{text}").port) or DEFAULT_PORTS.get(scheme)


def refusal(method: str, headers: Headers, names: frozenset[str], scheme: str = "http") -> str | None:
    """Return why a request is rejected; None if it may pass. `scheme` is that of the request."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or name_of(hosts[0]) not in names:
        return f"This server is not {', '.join(hosts) or 'nameless'}. Add the name to the setting allowed_hosts to use it."
    origins = [] if _is_from_no_other_page(headers) else headers.getlist("origin")
    if not all(_is_asked(origin, headers, names, scheme) for origin in origins):
        return (
            "Only pages of this address may call it: scheme, host and port have to be the same. "
            "Behind a proxy, pass on the Host that the browser names, with its port."
        )
    if not all(_is_own_doing(site, method, headers) for site in headers.getlist("sec-fetch-site")):
        return "Pages of other addresses may not change or load anything here."
    return None


def _is_asked(origin: str, headers: Headers, names: frozenset[str], scheme: str) -> bool:
    """Return whether the origin of a page is the one to which this request was sent."""
    of, _, authority = origin.partition("://")
    name = name_of(authority)
    if of not in DEFAULT_PORTS or name not in names:
        return False
    asked = [headers["host"], *_first(headers, "x-forwarded-host")]
    if of not in (*_first(headers, "x-forwarded-proto"), WEB_SCHEMES.get(scheme, scheme)) and not (
        # For a proxy that ends TLS without reporting it: such a name was configured in the settings.
        of == "https" and name not in OWN_NAMES
    ):
        return False
    return any(name == name_of(each) and port_of(authority, of) == port_of(each, of) for each in asked)


def _is_from_no_other_page(headers: Headers) -> bool:
    """Return whether an Origin of `null` hides no other page, by Fetch Metadata, which no page can set.

    Browsers send `null` for a page in a sandbox; for one of ours, as it may tell no referrer (`same-origin`); where no page is
    behind a request but the user, when another app shares something with this one (`none`).
    """
    return headers.getlist("origin") == ["null"] and headers.getlist("sec-fetch-site") in (["none"], ["same-origin"])


def _first(headers: Headers, name: str) -> list[str]:
    """Return the values from the proxy nearest to the browser; empty if there is none."""
    said = headers.get(name, "").split(",")[0].strip().lower()
    return [said] if said else []


def _is_own_doing(site: str, method: str, headers: Headers) -> bool:
    """Return whether, by Fetch Metadata, the request comes from our own page, the user (`none`), or a link that only reads."""
    if site in ("same-origin", "none"):
        return True
    return method in SAFE_METHODS and headers.get("sec-fetch-mode", "navigate") == "navigate"


class Guard:
    """A middleware for the app; `names` are those of `host_names`, `policy` is the Content-Security-Policy."""

    def __init__(self, app: ASGIApp, names: frozenset[str], policy: str = FRAMING) -> None:
        self._app = app
        self._names = names
        self._headers = {**SECURITY_HEADERS, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # The handshake of a WebSocket is a GET, but messages after it can change data; browsers always send its Origin.
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

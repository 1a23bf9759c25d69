"""Count HTTP answers by route template, method and status, with the seconds until each began.

    request ─▶ the app ─▶ http.response.start ─▶ observe(route, method, status, seconds)

A pure ASGI middleware around everything else. The route is found in the table of templates, not in the scope, because the cache
of answers replies before the router is reached. Labels are bounded: a path that no template matches is `other`, as is an odd
method.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Streamlit's own paths: one label each. The rest of its paths are pages.
FOREIGN = ("/_stcore", "/static", "/media", "/component")

Observe = Callable[[str, str, int, float], None]
"""Takes the route, the method, the status, and the seconds until the answer began."""


class Templates:
    """The route templates of the app."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._found: defaultdict[str, list[tuple[re.Pattern[str], str]]] = defaultdict(list)
        for template, pattern in _templates(routes, ""):
            self._found[_key(template)].append((pattern, template))

    def route_of(self, path: str, status: int) -> str:
        """Return the template that matches the path, or `page` or `other`."""
        # Most paths share their first three parts with few others.
        for key in (_key(path), ""):
            for pattern, template in self._found.get(key, ()):
                if pattern.fullmatch(path):
                    return template
        first = next((place for place in FOREIGN if path == place or path.startswith(f"{place}/")), None)
        if first is not None:
            return first
        # Streamlit answers with its page for whatever it does not know; pages and their number are not told apart.
        return "page" if status == 200 else OTHER


def _templates(routes: Iterable[BaseRoute], prefix: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _templates(route.routes or (), prefix + route.path)
        elif (included := getattr(route, "original_router", None)) is not None:
            # FastAPI includes a router without a copy of its routes.
            yield from _templates(included.routes, prefix + route.include_context.prefix)  # type: ignore[attr-defined]
        elif isinstance(route, Route):
            # The pattern of a route under a mount begins behind the mount's path.
            yield prefix + route.path_format, re.compile(re.escape(prefix) + route.path_regex.pattern.removeprefix("^"))


def _key(path: str) -> str:
    """Return the first three parts of a path; "" where one of them is a parameter."""
    parts = path.split("/", 4)[1:4]
    return "" if any("{" in part for part in parts) else "/".join(parts)


class HttpMetrics:
    """A middleware for the app, outside the guard, so that what it refuses is counted too."""

    def __init__(self, app: ASGIApp, templates: Templates, observe: Observe) -> None:
        self._app = app
        self._templates = templates
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        path, method = scope["path"], scope["method"]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - began
                self._observe(self._templates.route_of(path, status), method if method in METHODS else OTHER, status, seconds)
            await send(message)

        await self._app(scope, receive, sending)

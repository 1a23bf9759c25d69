"""Cookies for the redirects of one request: some servers redirect a client without cookies in a loop.

a hop's Set-Cookie ─▶ sent at the next hop to the same scheme, host and port ─▶ dropped at the end of the request
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

MOST, LONGEST = 20, 4096
_PORTS = {"http": 80, "https": 443}
_Server = tuple[str, str | None, int | None]


class Cookies:
    """The cookies of one request and its redirects."""

    def __init__(self) -> None:
        self._said: dict[_Server, dict[str, str]] = {}

    def take(self, url: str, lines: Iterable[str]) -> None:
        """Store the Set-Cookie lines of the response from `url`; skip cookies that are too long or have no name."""
        here = self._said.setdefault(_server(url), {})
        for line in lines:
            name, equals, value = (part.strip() for part in line.partition(";")[0].partition("="))
            if name and equals and len(name) + len(value) <= LONGEST and (name in here or len(here) < MOST):
                here[name] = value

    def headers_for(self, url: str) -> dict[str, str]:
        here = self._said.get(_server(url)) if self._said else None
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in here.items())} if here else {}


def _server(url: str) -> _Server:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)

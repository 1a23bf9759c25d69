"""Every route of the server and what it needs (routes.txt): HTTP, WebSocket, audio, uploads and Streamlit's own. Default deny.

request ─▶ find(method, path) ─┬─ no row ─▶ 404, whoever asks
                               └─ its need ─▶ the gate compares it with the actor

A test walks the routes that the server really has and fails on one without a row, and on a row without a route.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from pathlib import Path

from core.domain.accounts.role import Role


class RouteNeed(Enum):
    """PUBLIC: anybody, before a password is set too. ENTRY: sign-in and set-up, for those who have no session.

    CHECKED: the route itself checks a token. All others need an actor. PAGE is a READ that a browser opens: without a session it
    is led to the sign-in page. OWN changes what belongs to the actor alone, which a viewer may do, but no token of a viewer.
    SELF is about the actor's account, and closed to API tokens: a token that leaks must not make another one.
    """

    PUBLIC = "public"
    ENTRY = "entry"
    CHECKED = "checked"
    PAGE = "page"
    READ = "read"
    OWN = "own"
    SELF = "self"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        """Return the least role of an actor."""
        return {RouteNeed.WRITE: Role.MEMBER, RouteNeed.ADMIN: Role.ADMIN}.get(self, Role.VIEWER)


class Weight(Enum):
    """STREAM: the body is a file, with a limit of its own. SLOW: takes the processor, or another server, for long."""

    PLAIN = ""
    STREAM = "stream"
    SLOW = "slow"


FILE = Path(__file__).with_name("routes.txt")
Row = tuple[str, str, RouteNeed]


def rows() -> list[Row]:
    """Return (method, path template, need) of every line of routes.txt.

    `{name}` stands for one part of a path, `**` for the rest of it. HEAD goes with GET.
    """
    return [(method, path, need) for method, path, need, _ in _lines()]


def _lines() -> list[tuple[str, str, RouteNeed, Weight]]:
    split = map(str.split, FILE.read_text("utf-8").splitlines())
    return [(method, path, RouteNeed(need), Weight("".join(weight))) for need, method, path, *weight in split]


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{\w+\}|\*\*)", template)
    made = "".join("[^/]+" if piece.startswith("{") else ".*" if piece == "**" else re.escape(piece) for piece in pieces)
    return re.compile(made, re.DOTALL)


_FIXED = {(method, path): (need, weight) for method, path, need, weight in _lines() if "{" not in path and "**" not in path}
_OPEN = [(method, _pattern(path), (need, weight)) for method, path, need, weight in _lines() if "{" in path or "**" in path]


def find(method: str, path: str) -> RouteNeed | None:
    """Return what a request needs; None if there is no such route. `method` is WEBSOCKET for a handshake."""
    found = _find(method, path)
    return found[0] if found else None


def weight_of(method: str, path: str) -> Weight:
    """Return how heavy a request is; PLAIN if there is no such route."""
    found = _find(method, path)
    return found[1] if found else Weight.PLAIN


@lru_cache(maxsize=4096)
def _find(method: str, path: str) -> tuple[RouteNeed, Weight] | None:
    for each in (method, "GET") if method == "HEAD" else (method,):
        if (fixed := _FIXED.get((each, path))) is not None:
            return fixed
        for allowed, pattern, found in _OPEN:
            if allowed == each and pattern.fullmatch(path):
                return found
    return None

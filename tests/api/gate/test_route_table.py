"""Every route that the server really has stands in the table, Streamlit's own included, and the table has no other.

castmind_app.app ─▶ its Starlette routes, mounts and included routers ─▶ (method, path) ─▶ find
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount

import castmind_app
from core.api.gate.route_table import RouteNeed, find, rows
from core.domain.accounts.role import Role

# Streamlit's own that CastMind does not use: its agents, its metrics, its sign-in.
CLOSED = re.compile(r"/_stcore/(agent/.*|metrics)|/auth/log(in|out)|/oauth2callback")
# Files that Streamlit serves by a mount, beside the pages at their addresses.
MOUNTED = {"/", "/index.html", "/favicon.png", "/manifest.json"}
PLACE = re.compile(r"\{[^}]*\}")

Route = tuple[str, str]


def served(routes: Iterable[Any], prefix: str = "") -> Iterator[Route]:
    """Yield (method, path template) of all routes, also inside mounts and routers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from served(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Mount):
            yield from served(route.routes or [], prefix + route.path)
        else:
            methods: set[str] = getattr(route, "methods", None) or {"WEBSOCKET"}
            yield from ((method, prefix + route.path) for method in methods if method != "HEAD" or "GET" not in methods)


@pytest.fixture(scope="module")
def live() -> set[Route]:
    return set(served(castmind_app.app._build_starlette_app().routes))


def concrete(path: str) -> str:
    return PLACE.sub("7", path)


def pages() -> set[str]:
    """Return the addresses of Streamlit's pages, as pages/shell.py names them."""
    shell = Path(castmind_app.__file__).parent / "pages" / "shell.py"
    return {f"/{name}" for name in re.findall(r'url_path="(\w+)"', shell.read_text(encoding="utf-8"))}


def test_every_route_has_a_row(live: set[Route]) -> None:
    assert len(live) > 150 and ("WEBSOCKET", "/_stcore/stream") in live
    missing = [route for route in live if find(route[0], concrete(route[1])) is None and not CLOSED.fullmatch(route[1])]
    assert missing == [], "add them to core/api/gate/routes.txt"
    assert all(find(method, "/_stcore/agent/mcp") is None for method in ("GET", "POST"))


def test_every_row_has_a_route_or_a_page(live: set[Route]) -> None:
    known = {(method, PLACE.sub("{}", path)) for method, path in live}
    known |= {("GET", path) for path in pages() | MOUNTED}
    lost = [(method, path) for method, path, _ in rows() if "**" not in path and (method, PLACE.sub("{}", path)) not in known]
    assert lost == [("GET", "/app/parts/{name}")], "of the parts, the route names the ending too"
    assert {path for _, path, need in rows() if need is RouteNeed.PAGE} >= pages()


def test_what_is_open_to_nobody_in_particular_is_little() -> None:
    public = {path for _, path, need in rows() if need in (RouteNeed.PUBLIC, RouteNeed.ENTRY, RouteNeed.CHECKED)}
    health = {"/health", "/health/live", "/health/ready", "/health/startup"}
    by_provider = {f"/sign-in/provider{more}" for more in ("", "/back", "/link")}
    assert public == {*health, "/metrics", "/set-up", "/sign-in", "/sign-in/code", "/sign-out", *by_provider}


@pytest.mark.parametrize(
    ("method", "path", "need"),
    [
        ("GET", "/api/v1/episodes/12", RouteNeed.READ),
        ("HEAD", "/api/v1/episodes/12/audio", RouteNeed.READ),
        ("DELETE", "/api/v1/episodes/12", RouteNeed.WRITE),
        ("POST", "/api/v1/backups/a.zip/restore", RouteNeed.ADMIN),
        ("GET", "/media/a/b.wav", RouteNeed.READ),
        ("GET", "/api/v1/episodes/12/../../backups", None),
        ("GET", "/api/v1/episodes/1/2", None),
        ("GET", "//api/v1/episodes", None),
        ("GET", "/API/v1/episodes", None),
        ("GET", "/api/v1/episodes/", None),
        ("TRACE", "/api/v1/episodes", None),
        ("GET", "/nowhere", None),
    ],
)
def test_a_request_finds_its_row_or_none(method: str, path: str, need: RouteNeed | None) -> None:
    assert find(method, path) is need


def test_a_role_is_asked_for_by_the_need() -> None:
    roles = {need: need.role for need in RouteNeed}
    assert roles[RouteNeed.ADMIN] is Role.ADMIN and roles[RouteNeed.WRITE] is Role.MEMBER
    assert {role for need, role in roles.items() if need not in (RouteNeed.ADMIN, RouteNeed.WRITE)} == {Role.VIEWER}

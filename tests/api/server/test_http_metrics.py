from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.types import Message

from core.api.routes import routes
from core.api.server.http_metrics import HttpMetrics, Templates
from tests.api.conftest import Running


@pytest.fixture
def templates(services: Running) -> Iterator[Templates]:
    yield Templates(routes(services))


@pytest.mark.parametrize(
    ("path", "status", "route"),
    [
        ("/health", 200, "/health"),
        ("/health/ready", 503, "/health/ready"),
        ("/metrics", 200, "/metrics"),
        ("/api/v1/episodes", 200, "/api/v1/episodes"),
        ("/api/v1/episodes/12", 404, "/api/v1/episodes/{episode_id}"),
        ("/api/v1/episodes/12/audio", 206, "/api/v1/episodes/{episode_id}/audio"),
        ("/api/v1/episodes/12/nothing", 404, "other"),
        ("/api/v1/feeds/3", 200, "/api/v1/feeds/{feed_id}"),
        ("/api/v1/openapi.json", 200, "/api/v1/openapi.json"),
        ("/", 200, "page"),
        ("/episode", 200, "page"),
        ("/what/ever", 200, "page"),
        ("/what/ever", 404, "other"),
        ("/_stcore/health", 200, "/_stcore"),
        ("/static/media/a.woff2", 200, "/static"),
        ("/staticky", 404, "other"),
    ],
)
def test_a_path_becomes_its_template(templates: Templates, path: str, status: int, route: str) -> None:
    assert templates.route_of(path, status) == route


def test_ten_thousand_paths_become_one_label(templates: Templates) -> None:
    paths = [f"/{number}/wp-login.php" for number in range(5000)] + [f"/api/v1/{number}" for number in range(5000)]
    assert {templates.route_of(path, 404) for path in paths} == {"other"}


def test_every_route_of_the_api_is_its_own_template(services: Running, templates: Templates) -> None:
    """Also those of routers that FastAPI includes without a copy."""
    mounted: Any = next(route for route in routes(services) if isinstance(route, Mount)).app
    paths = [path.replace("{", "").replace("}", "") for path in mounted.openapi()["paths"]]
    assert len(paths) > 80
    assert [path for path in paths if templates.route_of(f"/api{path}", 404) == "other"] == []


class Told:
    def __init__(self) -> None:
        self.answers: list[tuple[str, str, int, float]] = []

    def __call__(self, *answer: Any) -> None:
        self.answers.append(answer)


def ask(method: str, path: str, *, kind: str = "http") -> list[tuple[str, str, int, float]]:
    told = Told()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Message) -> None: ...

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    served = HttpMetrics(app, Templates([Route("/here", lambda _: None)]), told)
    asyncio.run(served({"type": kind, "path": path, "method": method}, receive, send))
    return told.answers


def test_an_answer_is_told_once_when_it_begins() -> None:
    ((route, method, status, seconds),) = ask("GET", "/here")
    assert (route, method, status) == ("/here", "GET", 204) and seconds >= 0


def test_odd_methods_share_a_label_and_sockets_are_not_counted() -> None:
    assert ask("BREW", "/here")[0][:2] == ("/here", "other")
    assert ask("GET", "/here", kind="websocket") == []

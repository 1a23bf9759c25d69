from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from structlog.contextvars import bind_contextvars, get_contextvars

from core.api.server.access_log import HEADER, AccessLog
from core.domain.log_kinds import ACCESS_LOG, PERFORMANCE_LOG


def here(_: Request) -> Response:
    return PlainTextResponse(str(get_contextvars().get("request_id")))


async def broken(_: Request) -> Response:
    bind_contextvars(user_id=7)
    raise RuntimeError("it broke")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def served(clock: Iterator[float] | None = None) -> TestClient:
    api = FastAPI()

    @api.get("/episodes/{episode_id}")
    def episode(episode_id: int) -> dict[str, Any]:
        return {"id": episode_id, "request": get_contextvars()["request_id"]}

    routes = [
        Route("/", here),
        Route("/broken", broken),
        Route("/health/live", here),
        WebSocketRoute("/talk", talk),
        Mount("/api", app=api),
    ]
    ticks = clock or iter(range(10_000_000))
    middleware = [Middleware(AccessLog, clock=lambda: next(ticks) / 1000 if clock is None else next(ticks))]
    return TestClient(Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, ACCESS_LOG), caplog.at_level(logging.DEBUG, PERFORMANCE_LOG):
        yield caplog


def of(lines: pytest.LogCaptureFixture, name: str = ACCESS_LOG) -> list[Any]:
    return [line for line in lines.records if line.name == name]


def test_a_request_has_one_id_in_context_thread_and_response(lines: pytest.LogCaptureFixture) -> None:
    answer = served().get("/api/episodes/5?q=secret-wish")
    assert len(answer.headers[HEADER]) == 16 and answer.json() == {"id": 5, "request": answer.headers[HEADER]}
    (line,) = of(lines)
    assert (line.method, line.route, line.path, line.status) == ("GET", "/api/episodes/{episode_id}", "/api/episodes/5", 200)
    assert line.bytes == len(answer.content) and line.seconds == 0.001 and "wish" not in line.getMessage()
    assert "request_id" not in get_contextvars()


def test_two_requests_have_two_ids() -> None:
    client = served()
    assert client.get("/").headers[HEADER] != client.get("/").headers[HEADER]


@pytest.mark.parametrize("value", ["abc-DEF_1.2345", "a" * 64])
def test_a_plain_id_of_the_client_is_taken(value: str) -> None:
    answer = served().get("/", headers={HEADER: value})
    assert answer.headers[HEADER] == value == answer.text


@pytest.mark.parametrize(
    "value", ["short", "a" * 65, "-leading-dash", "with space1", "line\\nbreak1", '{"level": "error"}', "ünïcödé-1"]
)
def test_any_other_id_is_replaced(value: str) -> None:
    answer = served().get("/", headers={HEADER.encode(): value.encode()})
    assert answer.headers[HEADER] != value and len(answer.headers[HEADER]) == 16


def test_of_two_ids_none_is_taken() -> None:
    answer = served().get("/", headers=[(HEADER, "first-id-1"), (HEADER, "second-id-2")])
    assert len(answer.headers[HEADER]) == 16


def test_a_request_that_breaks_is_told_with_its_user(lines: pytest.LogCaptureFixture) -> None:
    assert served().get("/broken").status_code == 500
    (line,) = of(lines)
    assert (line.route, line.user_id, line.status) == ("/broken", 7, 500)


def test_what_asks_all_the_time_is_told_at_debug_alone(lines: pytest.LogCaptureFixture) -> None:
    client = served()
    client.get("/health/live")
    client.get("/static/gone.js")
    assert [(line.path, line.levelname) for line in of(lines)] == [("/health/live", "DEBUG"), ("/static/gone.js", "INFO")]


def test_a_web_socket_is_one_line_at_its_end(lines: pytest.LogCaptureFixture) -> None:
    with served().websocket_connect("/talk") as socket:
        assert socket.receive_text() == "hello"
    (line,) = of(lines)
    assert (line.method, line.route, line.status, line.bytes) == ("WEBSOCKET", "/talk", 101, 5)


def test_a_slow_request_is_a_line_of_performance(lines: pytest.LogCaptureFixture) -> None:
    served(iter([10.0, 11.5])).get("/api/episodes/5")
    (line,) = of(lines, PERFORMANCE_LOG)
    assert line.getMessage() == "GET /api/episodes/{episode_id} took 1.5 s" and line.seconds == 1.5

"""How often a client may ask and how much it may send: whose requests are counted together, and what is not counted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.api import problems
from core.api.gate.request_gate import VISIT
from core.api.gate.request_limits import BodyLimit, RateLimits, client_of
from core.domain.accounts.actor import IN_SCOPE, OWNER, Actor
from core.domain.accounts.visit import Visit

READER, WRITER, SLOW = ("GET", "/api/v1/episodes"), ("POST", "/api/v1/tags"), ("GET", "/api/v1/opml")
HERE = Visit("192.168.1.20", "")


class As:
    """Puts the actor and the visit of the test into each request, as the gate does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.actor: Actor | None = Actor(1, how="session", session_id=7)
        self.visit = HERE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope[IN_SCOPE], scope[VISIT] = self.actor, self.visit
        await self.app(scope, receive, send)


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def _ok(_request: Request) -> Response:
    return PlainTextResponse("ok")


@pytest.fixture
def gate() -> As:
    paths = [Route(path, _ok, methods=[method]) for method, path in (READER, WRITER, SLOW)]
    app = Starlette(routes=[*paths, WebSocketRoute("/_stcore/stream", _socket)])
    return As(RateLimits(app, reads="5/minute", changes="3/minute", slow="2/minute", strangers="4/minute"))


@pytest.fixture
def client(gate: As) -> TestClient:
    return TestClient(gate)


def _statuses(client: TestClient, route: tuple[str, str], times: int) -> list[int]:
    return [client.request(*route).status_code for _ in range(times)]


def test_a_client_that_asks_too_often_is_told_when_to_come_back(client: TestClient) -> None:
    assert _statuses(client, READER, 6) == [200] * 5 + [429]
    refused = client.request(*READER)
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 120


def test_reading_changing_and_what_takes_long_have_their_own_windows(client: TestClient) -> None:
    assert _statuses(client, READER, 6)[-1] == 429
    assert _statuses(client, WRITER, 4) == [200] * 3 + [429]
    assert _statuses(client, SLOW, 3) == [200] * 2 + [429]


def test_another_session_has_windows_of_its_own(client: TestClient, gate: As) -> None:
    assert _statuses(client, READER, 6)[-1] == 429
    gate.actor = Actor(1, how="session", session_id=8)
    assert client.request(*READER).status_code == 200


def test_more_tokens_give_no_more_room(client: TestClient, gate: As) -> None:
    gate.actor = Actor(2, how="token")
    assert _statuses(client, READER, 6)[-1] == 429
    gate.visit = Visit("10.0.0.1", "")
    assert client.request(*READER).status_code == 429
    gate.actor = Actor(3, how="token")
    assert client.request(*READER).status_code == 200


def test_strangers_are_counted_by_their_address(client: TestClient, gate: As) -> None:
    gate.actor = None
    assert _statuses(client, READER, 5) == [200] * 4 + [429]
    gate.visit = Visit("192.168.1.21", "")
    assert client.request(*READER).status_code == 200


@pytest.mark.parametrize("how", ["open", "console"])
def test_this_computer_itself_is_not_counted(client: TestClient, gate: As, how: Any) -> None:
    gate.actor = Actor(OWNER.user_id, how=how)
    assert set(_statuses(client, READER, 20)) == {200}


def test_a_page_that_connects_too_often_waits(client: TestClient) -> None:
    for _ in range(5):
        with client.websocket_connect("/_stcore/stream"):
            pass
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/_stcore/stream"):
        pass
    assert refused.value.code == 1013


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.168.1.2", "192.168.1.2", True),
        ("192.168.1.2", "192.168.1.3", False),
        ("", "", True),
    ],
)
def test_one_household_of_addresses_is_one_client(first: str, second: str, same: bool) -> None:
    assert (client_of(None, Visit(first, "")) == client_of(None, Visit(second, ""))) is same


# --- bodies -----------------------------------------------------------------------------------------


@pytest.fixture
def reader() -> TestClient:
    api = FastAPI()
    problems.install(api)

    @api.post("/api/v1/tags")
    def take(body: dict[str, Any]) -> int:
        return len(json.dumps(body))

    @api.post("/api/v1/opml")
    async def stream(request: Request) -> int:
        return len(await request.body())

    return TestClient(BodyLimit(api, most=1_000))


def _in_pieces(size: int) -> AsyncIterator[bytes] | Any:
    return (b"x" * 100 for _ in range(size // 100))


def test_a_body_of_the_usual_size_arrives(reader: TestClient) -> None:
    assert reader.post("/api/v1/tags", json={"a": "x" * 900}).status_code == 200


@pytest.mark.parametrize("content", [b'{"a": "' + b"x" * 2_000 + b'"}', None])
def test_a_body_that_is_too_large_is_refused_by_its_length_or_as_it_arrives(reader: TestClient, content: bytes | None) -> None:
    sent: Any = content if content is not None else _in_pieces(5_000)
    refused = reader.post("/api/v1/tags", content=sent, headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_route_that_streams_has_its_own_limit(reader: TestClient) -> None:
    assert reader.post("/api/v1/opml", content=_in_pieces(5_000)).json() == 5_000


def test_a_length_that_lies_does_not_help(reader: TestClient) -> None:
    refused = reader.post("/api/v1/tags", content=_in_pieces(5_000), headers={"Content-Length": "10"})
    assert refused.status_code == 413

"""Each request meets the gate: as whom, with what, and where it is led. Over the real gate, with a real household."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.api.gate.open_pages import SIGNED_OUT, OpenPages
from core.api.gate.request_gate import RequestGate, allowed
from core.api.gate.route_table import RouteNeed
from core.domain.accounts import session_cookie
from core.domain.accounts.actor import IN_SCOPE, Actor
from core.domain.accounts.role import Role, TokenScope
from core.events import SessionsEnded
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household

NAS = "http://nas.home:8501"
EVERY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ODD_PATHS = (
    *("/api/v1/episodes", "/API/v1/episodes", "//api/v1/episodes", "/api/v1/episodes/", "/api/v1/./episodes"),
    *("/api/v1/../v1/episodes", "/%61pi/v1/episodes", "/api/v1/episodes%2f1", "/api/v1/episodes;x=1", "/api/v1/episodes%00"),
    *("/_stcore/stream", "/_stcore/health", "/_stcore/host-config", "/media/x.mp3", "/static/js/index.js", "/component/a/b"),
    *("/episode?id=1", "/library", "/sign-in/../library", "/set-up/../library", "/health/../library", "/favicon.png", "/x"),
)


def _who(request: Request) -> JSONResponse:
    actor: Actor | None = request.scope[IN_SCOPE]
    return JSONResponse({"user": actor and actor.user_id, "role": actor and actor.role.word, "how": actor and actor.how})


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"user": socket.scope[IN_SCOPE].user_id})
    await socket.receive()


class Front:
    """The gate of a household, with a route behind it that says who asked."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.pages = OpenPages()
        self.rescuing = False
        house.store.events.listen("pages", self.pages.ended, SessionsEnded)
        gate = Middleware(RequestGate, door=house.door, sessions=house.sessions, pages=self.pages, rescuing=lambda: self.rescuing)
        routes = [WebSocketRoute("/_stcore/stream", _socket), Route("/{rest:path}", _who, methods=list(EVERY))]
        self.app = Starlette(routes=routes, middleware=[gate])

    def client(self, token: str = "", *, bearer: str = "", base_url: str = NAS) -> TestClient:
        cookies = {session_cookie.PLAIN: token} if token else {}
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return TestClient(self.app, base_url=base_url, cookies=cookies, headers=headers, follow_redirects=False)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    house = Household(tmp_path, HOST="0.0.0.0")
    yield Front(house)
    house.close()


@pytest.fixture
def owner(front: Front) -> Actor:
    found = front.house.sessions.who(front.house.settle_in(), HOME)
    assert found
    return found


# --- before the first password ------------------------------------------------------------------------


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("path", ODD_PATHS)
def test_not_one_page_is_served_before_the_first_password(front: Front, method: str, path: str) -> None:
    answer = front.client().request(method, path)
    assert answer.status_code in (303, 401, 403, 404), answer.text
    if answer.status_code == 303:
        assert answer.headers["location"] == "/set-up"
    assert "user" not in answer.text


def test_no_socket_is_opened_before_the_first_password(front: Front) -> None:
    with pytest.raises(WebSocketDisconnect), front.client().websocket_connect("/_stcore/stream"):
        pass


@pytest.mark.parametrize("path", ["/set-up", "/sign-in", "/health", "/health/live", "/health/ready", "/health/startup"])
def test_set_up_and_health_are_open(front: Front, path: str) -> None:
    assert front.client().get(path).json() == {"user": None, "role": None, "how": None}


# --- without a session --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("path", ODD_PATHS)
def test_without_a_session_all_is_closed(front: Front, owner: Actor, method: str, path: str) -> None:
    answer = front.client().request(method, path)
    assert answer.status_code in (303, 401, 404) and "user" not in answer.text
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in")
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_is_led_to_sign_in_and_back(front: Front, owner: Actor) -> None:
    assert front.client().get("/episode?id=3&t=5").headers["location"] == "/sign-in?next=%2Fepisode%3Fid%3D3%26t%3D5"
    assert front.client().get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 9_000, "\x7f", "; ;=;"])
def test_a_cookie_that_is_none_is_nobody(front: Front, owner: Actor, cookie: str) -> None:
    client = front.client()
    answer = client.get("/api/v1/episodes", headers={"Cookie": f"{session_cookie.PLAIN}={cookie}".encode()})
    assert answer.status_code == 401


# --- with one -----------------------------------------------------------------------------------------


def test_a_session_is_somebody(front: Front, owner: Actor) -> None:
    token, _ = front.house.enter("Anna", PASSWORD)
    assert front.client(token).get("/api/v1/episodes").json() == {"user": 1, "role": "admin", "how": "session"}
    front.house.accounts.revoke_other_sessions(owner)
    assert front.client(token).get("/api/v1/episodes").status_code == 401


def test_a_viewer_reads_and_no_more(front: Front, owner: Actor) -> None:
    front.house.add(role=Role.VIEWER)
    token, _ = front.house.enter("Ben", OTHER)
    client = front.client(token)
    assert client.get("/api/v1/episodes").status_code == 200
    assert client.put("/api/v1/episodes/1/position").status_code == 200
    assert client.delete("/api/v1/episodes/1").status_code == 403
    assert client.get("/api/v1/accounts").status_code == 403
    assert client.post("/api/v1/backups").json()["code"] == "not_allowed"


def test_an_api_token_reads_but_is_no_page_and_makes_no_token(front: Front, owner: Actor) -> None:
    secret, _ = front.house.accounts.add_token(owner, "script", TokenScope.READ, days=None)
    client = front.client(bearer=secret)
    assert client.get("/api/v1/episodes").json()["how"] == "token"
    assert client.delete("/api/v1/episodes/1").status_code == 403
    assert client.put("/api/v1/episodes/1/position").status_code == 403
    admin, _ = front.house.accounts.add_token(owner, "all", TokenScope.ADMIN, days=None)
    client = front.client(bearer=admin)
    assert client.delete("/api/v1/episodes/1").status_code == 200
    assert client.post("/api/v1/accounts/me/tokens").status_code == 403
    assert client.put("/api/v1/accounts/me/password").status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass


@pytest.mark.parametrize("said", ["Bearer wrong", "bearer x", "BEARER é"])
def test_a_wrong_token_is_refused_even_with_a_good_cookie(front: Front, owner: Actor, said: str) -> None:
    token, _ = front.house.enter("Anna", PASSWORD)
    answer = front.client(token).get("/api/v1/episodes", headers={"Authorization": said.encode()})
    assert answer.status_code == 401 and answer.json()["code"] == "sign_in_needed"


@pytest.mark.parametrize("path", ["/nothing", "/_stcore/agent/x", "/api/v1/nothing", "/api/v2/episodes"])
def test_what_is_not_in_the_table_is_not_there(front: Front, owner: Actor, path: str) -> None:
    token, _ = front.house.enter("Anna", PASSWORD)
    assert front.client(token).get(path).status_code == 404


def test_while_there_is_no_library_cookies_and_tokens_count_for_nothing(front: Front, owner: Actor) -> None:
    token, _ = front.house.enter("Anna", PASSWORD)
    secret, _ = front.house.accounts.add_token(owner, "all", TokenScope.ADMIN, days=None)
    front.rescuing = True
    for client in (front.client(token), front.client(bearer=secret)):
        assert client.get("/rescue").json()["user"] is None


# --- open pages ---------------------------------------------------------------------------------------


def test_a_session_that_ends_closes_its_pages_and_no_others(front: Front, owner: Actor) -> None:
    token, actor = front.house.enter("Anna", PASSWORD)
    other, _ = front.house.enter("Anna", PASSWORD)
    with (
        front.client(token).websocket_connect("/_stcore/stream") as page,
        front.client(other).websocket_connect("/_stcore/stream") as stays,
    ):
        assert page.receive_json() == stays.receive_json() == {"user": 1}
        front.house.accounts.revoke_session(actor, actor.session_id)
        with pytest.raises(WebSocketDisconnect) as closed:
            page.receive_json()
        assert closed.value.code == SIGNED_OUT
        stays.send_text("still there")


@pytest.mark.parametrize(
    ("how", "role", "need", "method", "right"),
    [
        ("session", Role.VIEWER, RouteNeed.READ, "GET", True),
        ("session", Role.VIEWER, RouteNeed.OWN, "PUT", True),
        ("session", Role.VIEWER, RouteNeed.SELF, "PUT", True),
        ("session", Role.VIEWER, RouteNeed.WRITE, "POST", False),
        ("session", Role.MEMBER, RouteNeed.WRITE, "POST", True),
        ("session", Role.MEMBER, RouteNeed.ADMIN, "POST", False),
        ("session", Role.ADMIN, RouteNeed.ADMIN, "POST", True),
        ("token", Role.VIEWER, RouteNeed.OWN, "PUT", False),
        ("token", Role.MEMBER, RouteNeed.OWN, "PUT", True),
        ("token", Role.ADMIN, RouteNeed.SELF, "PUT", False),
        ("token", Role.ADMIN, RouteNeed.READ, "WEBSOCKET", False),
        ("console", Role.ADMIN, RouteNeed.SELF, "PUT", True),
    ],
)
def test_what_each_may(how: Any, role: Role, need: RouteNeed, method: str, right: bool) -> None:
    assert allowed(Actor(1, role=role, how=how), need, method) is right

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.api.server.browser_name import BrowserName
from core.domain.accounts.browser import COOKIE, named


def page(_: Request) -> Response:
    answer = HTMLResponse("<p>here</p>")
    answer.set_cookie("other", "1")
    return answer


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", page, methods=["GET", "POST"]), Route("/data", lambda _: JSONResponse({}))]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(BrowserName)]))


def test_the_first_page_names_the_browser_and_later_ones_leave_the_name(client: TestClient) -> None:
    first = client.get("/")
    name = first.cookies[COOKIE]
    assert named(name) == name and first.cookies["other"] == "1"
    sent = next(value for value in first.headers.get_list("set-cookie") if value.startswith(COOKIE))
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/" in sent
    again = client.get("/")
    assert COOKIE not in again.cookies and client.cookies[COOKIE] == name


def test_two_browsers_have_two_names(client: TestClient) -> None:
    one = client.get("/").cookies[COOKIE]
    client.cookies.clear()
    assert client.get("/").cookies[COOKIE] != one


def test_what_is_no_page_names_nobody(client: TestClient) -> None:
    assert not client.get("/data").cookies
    assert COOKIE not in client.post("/").cookies


@pytest.mark.parametrize("value", ["", "x", "A" * 32, "a" * 31, "a" * 33, "a" * 4000, "../../etc", "a" * 31 + "\u0661"])
def test_a_name_that_was_not_given_here_is_none_and_is_replaced(client: TestClient, value: str) -> None:
    assert named(value) == named(None) == ""
    headers = {b"cookie": f"a=b; {COOKIE}={value}; c=d".encode()}
    assert named(client.get("/", headers=headers).cookies[COOKIE])

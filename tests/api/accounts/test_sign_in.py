"""The plain pages of sign-in and set-up: where they lead, their cookies, and what they say after a failure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.api.accounts import sign_in
from core.api.accounts.entry_answers import STEP_COOKIE, EntryPages
from core.api.gate.request_gate import RequestGate
from core.domain.accounts import session_cookie
from core.domain.accounts.entry_form import EntryForm
from tests.accounts_fixture import PASSWORD, Household

NAS = "http://nas.home:8501"


def _said(form: EntryForm, chosen: str, accepted: str) -> str:
    case = form.error.params.get("case", form.error.code) if form.error else ""
    return f"step={form.step} next={form.next} name={form.name} error={case} language={chosen or accepted}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, HOST="0.0.0.0")
    yield made
    made.close()


def browser(house: Household, base_url: str = NAS) -> TestClient:
    routes = sign_in.routes(house.sign_in, EntryPages(_said, lambda: ""))
    app = Starlette(routes=routes, middleware=[Middleware(partial(RequestGate, door=house.door, sessions=house.sessions))])
    return TestClient(app, base_url=base_url, follow_redirects=False)


def test_the_first_password(house: Household) -> None:
    client = browser(house)
    assert client.get("/sign-in").headers["location"] == "/set-up"
    assert client.get("/set-up").text.startswith("step=set_up")
    form = {"code": "AAAA-BBBB-CCCC", "name": "Anna", "password": PASSWORD}
    refused = client.post("/set-up", data=form)
    assert refused.status_code == 403 and "error=set_up_code_wrong" in refused.text and "name=Anna" in refused.text
    done = client.post("/set-up", data={**form, "code": house.door.set_up_code()})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert session_cookie.PLAIN in client.cookies
    assert client.get("/set-up").headers["location"] == "/"
    assert browser(house).post("/set-up", data={**form, "code": house.door.set_up_code()}).headers["location"] == "/"


def test_in_and_out(house: Household) -> None:
    house.settle_in()
    client = browser(house)
    wrong = client.post("/sign-in", data={"name": "Anna", "password": "wrong", "next": "/queue"})
    assert wrong.status_code == 401 and "next=/queue name=Anna error=sign_in_failed" in wrong.text
    assert wrong.headers["cache-control"] == "no-store" and wrong.headers["referrer-policy"] == "same-origin"
    done = client.post("/sign-in", data={"name": "anna", "password": PASSWORD, "next": "/queue"})
    cookie = set(done.headers["set-cookie"].split("; "))
    assert done.headers["location"] == "/queue" and {"HttpOnly", "SameSite=lax", "Path=/"} <= cookie and "Secure" not in cookie
    assert client.get("/sign-in", params={"next": "/highlights"}).headers["location"] == "/highlights"
    assert client.get("/sign-out").text.startswith("step=sign_out")
    left = client.post("/sign-out")
    assert left.headers["location"] == "/sign-in" and session_cookie.PLAIN not in client.cookies
    assert client.get("/sign-out").headers["location"] == "/sign-in"


def test_a_link_signs_nobody_out(house: Household) -> None:
    house.settle_in()
    client = browser(house)
    client.post("/sign-in", data={"name": "Anna", "password": PASSWORD})
    client.get("/sign-out")
    assert house.sessions.who(client.cookies[session_cookie.PLAIN])


def test_behind_tls_the_cookie_is_bound_to_the_host(house: Household) -> None:
    house.settle_in()
    for client, headers in ((browser(house, "https://nas.home"), {}), (browser(house), {"X-Forwarded-Proto": "https"})):
        done = client.post("/sign-in", data={"name": "Anna", "password": PASSWORD}, headers=headers)
        cookie = done.headers["set-cookie"]
        assert cookie.startswith("__Host-") and "Secure" in cookie and "Domain" not in cookie


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "javascript:x", "/\\evil.example"])
def test_it_leads_nowhere_else(house: Household, wanted: str) -> None:
    """Open redirect."""
    house.settle_in()
    client = browser(house)
    assert client.post("/sign-in", data={"name": "Anna", "password": PASSWORD, "next": wanted}).headers["location"] == "/"
    assert client.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


def test_a_planted_cookie_is_replaced(house: Household) -> None:
    """Session fixation."""
    house.settle_in()
    client = browser(house)
    client.cookies.set(session_cookie.PLAIN, "planted", domain="nas.home")
    done = client.post("/sign-in", data={"name": "Anna", "password": PASSWORD})
    assert "planted" not in done.headers["set-cookie"] and house.sessions.who("planted") is None


def test_the_second_factor_is_a_page_of_its_own(house: Household) -> None:
    owner = house.sessions.who(house.settle_in())
    assert owner
    secret = house.turn_totp_on(owner)
    client = browser(house)
    asked = client.post("/sign-in", data={"name": "Anna", "password": PASSWORD, "next": "/queue"})
    assert asked.text.startswith("step=code next=/queue") and session_cookie.PLAIN not in client.cookies
    assert "Path=/sign-in" in asked.headers["set-cookie"] and STEP_COOKIE in client.cookies
    assert "error=code" in client.post("/sign-in/code", data={"code": "000000", "next": "/queue"}).text
    done = client.post("/sign-in/code", data={"code": house.code(secret, steps=1), "next": "/queue"})
    assert done.headers["location"] == "/queue" and STEP_COOKIE not in client.cookies
    assert "step=sign_in" in browser(house).post("/sign-in/code", data={"code": "000000"}).text


def test_too_many_attempts_say_when_to_come_back(house: Household) -> None:
    house.settle_in()
    client = browser(house)
    statuses = [client.post("/sign-in", data={"name": "Anna", "password": "x"}) for _ in range(8)]
    assert statuses[-1].status_code == 429 and 1 <= int(statuses[-1].headers["retry-after"]) <= 60


def test_what_is_no_form_is_refused(house: Household) -> None:
    house.settle_in()
    for content, kind in ((b"{}", "application/json"), (b"x" * 20_000, "application/x-www-form-urlencoded")):
        assert browser(house).post("/sign-in", content=content, headers={"Content-Type": kind}).status_code == 422


def test_the_language_is_the_readers(house: Household) -> None:
    house.settle_in()
    assert "language=zh" in browser(house).get("/sign-in?lang=zh").text
    answer = browser(house).get("/sign-in", headers={"Accept-Language": "zh-CN"})
    assert "language=zh-CN" in answer.text and answer.headers["vary"] == "Accept-Language"

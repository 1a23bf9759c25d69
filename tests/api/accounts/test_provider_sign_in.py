"""The routes of signing in by a provider: what the browser carries, and where it is led."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.api.accounts import provider_sign_in, sign_in
from core.api.accounts.entry_answers import EntryPages
from core.api.accounts.provider_sign_in import BACK, LINK_COOKIE, TRIP_COOKIE
from core.api.gate.request_gate import RequestGate
from core.domain.accounts import session_cookie
from core.domain.accounts.entry_form import EntryForm
from tests.accounts_fixture import HOME, PASSWORD
from tests.fakes.sign_in_provider import SignInProvider
from tests.services.accounts.test_provider_sign_in import Home

PLACE = "/sign-in/provider"
NAS = "http://nas.home:8501"


def _said(form: EntryForm, chosen: str, accepted: str) -> str:
    case = form.error.params.get("case", form.error.code) if form.error else ""
    return f"step={form.step} next={form.next} name={form.name} provider={form.provider} error={case}"


@pytest.fixture
def provider() -> Iterator[SignInProvider]:
    with SignInProvider() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, provider: SignInProvider) -> Iterator[Home]:
    made = Home(tmp_path, provider, new_users="viewer")
    yield made
    made.house.close()


def browser(home: Home, *, base_url: str = NAS, cookies: dict[str, str] | None = None) -> TestClient:
    house = home.house
    pages = EntryPages(_said, lambda: house.provider_sign_in.name)
    served = [
        *sign_in.routes(house.sign_in, pages),
        *provider_sign_in.routes(house.provider_sign_in, house.identities, pages),
    ]
    app = Starlette(routes=served, middleware=[Middleware(partial(RequestGate, door=house.door, sessions=house.sessions))])
    return TestClient(app, base_url=base_url, follow_redirects=False, cookies=cookies)


def at_provider(answer: httpx.Response) -> str:
    """Let the person consent at the provider; return the path and query to which it sends the browser back."""
    assert answer.status_code == 303
    back = urlsplit(httpx.get(answer.headers["location"]).headers["location"])
    return f"{back.path}?{back.query}"


def owner(home: Home) -> TestClient:
    token, _ = home.house.enter("Anna", PASSWORD, HOME)
    return browser(home, cookies={session_cookie.PLAIN: token})


def test_the_way_in(home: Home) -> None:
    client = browser(home)
    assert "provider=127.0.0.1" in client.get("/sign-in").text
    begun = client.get(PLACE, params={"next": "/episode?id=3"})
    assert begun.headers["referrer-policy"] == "no-referrer" and begun.headers["cache-control"] == "no-store"
    assert "redirect_uri=http%3A%2F%2Fnas.home%3A8501%2Fsign-in%2Fprovider%2Fback" in begun.headers["location"]
    cookie = begun.headers["set-cookie"]
    assert (
        cookie.startswith(f"{TRIP_COOKIE}=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/sign-in" in cookie
    )
    done = client.get(at_provider(begun))
    assert (done.status_code, done.headers["location"]) == (303, "/episode?id=3")
    assert session_cookie.PLAIN in client.cookies and TRIP_COOKIE not in client.cookies


def test_behind_tls_the_address_and_the_cookie_say_so(home: Home) -> None:
    client = browser(home, base_url="https://nas.home")
    begun = client.get(PLACE)
    assert (
        "redirect_uri=https%3A%2F%2Fnas.home%2Fsign-in" in begun.headers["location"] and "Secure" in begun.headers["set-cookie"]
    )
    client.get(at_provider(begun))
    assert session_cookie.SECURE in client.cookies


def test_another_browser_gets_nothing_from_an_answer(home: Home) -> None:
    answer = at_provider(browser(home).get(PLACE))
    victim = browser(home)
    refused = victim.get(answer)
    assert refused.status_code == 401 and "error=round_trip" in refused.text
    assert session_cookie.PLAIN not in victim.cookies


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/sign-out"]
)
def test_it_leads_nowhere_else(home: Home, wanted: str) -> None:
    client = browser(home)
    done = client.get(at_provider(client.get(PLACE, params={"next": wanted})))
    assert done.status_code == 303 and urlsplit(done.headers["location"]).netloc == ""
    assert done.headers["location"].startswith("/") and not done.headers["location"].startswith(("//", "/\\"))


def test_a_provider_that_is_away_is_said_and_the_form_stays(home: Home, provider: SignInProvider) -> None:
    provider.document["issuer"] = "https://evil.example"
    refused = browser(home).get(PLACE, params={"next": "/queue"})
    assert refused.status_code == 503
    assert refused.text == "step=sign_in next=/queue name= provider=127.0.0.1 error=answer"


def test_an_account_is_linked_with_the_password(home: Home) -> None:
    client = owner(home)
    asked = client.get(at_provider(client.get(PLACE, params={"link": "1"})))
    assert (asked.status_code, asked.text) == (200, "step=link next= name=anna provider=127.0.0.1 error=")
    wrong = client.post(f"{PLACE}/link", data={"password": "wrong", "name": "anna"})
    assert wrong.status_code == 401 and wrong.text.startswith("step=link next= name=anna")
    done = client.post(f"{PLACE}/link", data={"password": PASSWORD, "name": "anna"})
    assert (done.status_code, done.headers["location"]) == (303, "/settings?group=accounts")
    assert LINK_COOKIE not in client.cookies
    fresh = browser(home)
    fresh.get(at_provider(fresh.get(PLACE)))
    found = home.house.sessions.who(fresh.cookies[session_cookie.PLAIN])
    assert found and found.user_id == 1


def test_linking_takes_a_session(home: Home) -> None:
    client = browser(home)
    assert client.get(PLACE, params={"link": "1"}).headers["location"].startswith("/sign-in?next=")
    assert client.post(f"{PLACE}/link", data={"password": PASSWORD}).status_code == 401


def test_a_link_alone_changes_nothing(home: Home) -> None:
    """Another site can make the browser go through a round trip, but not consent to what came of it."""
    client = owner(home)
    client.get(at_provider(client.get(PLACE, params={"link": "1"})))
    assert home.house.rows("user_identities") == []
    assert client.get(f"{PLACE}/link").status_code in (404, 405)


def test_the_second_factor_is_asked_for(home: Home) -> None:
    assert home.owner
    secret = home.house.turn_totp_on(home.owner)
    home.link(home.owner)
    client = browser(home)
    asked = client.get(at_provider(client.get(PLACE, params={"next": "/queue"})))
    assert asked.text.startswith("step=code next=/queue") and session_cookie.PLAIN not in client.cookies
    done = client.post("/sign-in/code", data={"code": home.house.code(secret, steps=1), "next": "/queue"})
    assert (done.status_code, done.headers["location"]) == (303, "/queue")


def test_before_the_first_password_there_is_only_set_up(tmp_path: Path, provider: SignInProvider) -> None:
    home = Home(tmp_path, provider)
    home.house.store.write(lambda db: db.execute("UPDATE users SET password = NULL"))
    home.house.door.read_saved()
    client = browser(home)
    assert client.get(PLACE).headers["location"] == "/set-up"
    assert client.get(BACK, params={"code": "x", "state": "y"}).status_code == 401
    home.house.close()

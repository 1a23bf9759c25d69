"""Signing in by a provider: who gets in as whom, and which answers are worth nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.domain.accounts.actor import Actor
from core.domain.accounts.role import Role
from core.domain.accounts.visit import Visit
from core.errors import CastMindError, Conflict, ProviderFailed, SignInFailed, TooManyAttempts
from core.services.accounts.provider_sign_in import ROUND_TRIP_SECONDS, Arrival
from tests.accounts_fixture import HOME, PASSWORD, Household
from tests.fakes.sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider

BACK = "http://localhost:8501/sign-in/provider/back"


@pytest.fixture
def provider() -> Iterator[SignInProvider]:
    with SignInProvider() as made:
        yield made


class Home:
    """A household with a provider, settled in; `settings` are further OPENID settings."""

    def __init__(self, folder: Path, provider: SignInProvider, **settings: str) -> None:
        named = {f"OPENID_{name.upper()}": value for name, value in settings.items()}
        self.house = Household(
            folder,
            **{"OPENID_ISSUER": provider.root, "OPENID_CLIENT_ID": CLIENT_ID, "OPENID_CLIENT_SECRET": CLIENT_SECRET, **named},
        )
        self.owner = self.house.sessions.who(self.house.settle_in(), HOME)

    def go(self, actor: Actor | None = None, *, visit: Visit = HOME) -> tuple[str, dict[str, str]]:
        """Begin, and let the browser go to the provider and back; return what it brings: the cookie and the query."""
        address, sealed = self.house.provider_sign_in.begin(BACK, "/episode?id=3", actor, visit)
        back = httpx.get(address).headers["location"]
        return sealed, {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}

    def sign_in(self, actor: Actor | None = None) -> Arrival:
        sealed, answer = self.go(actor)
        return self.house.provider_sign_in.finish(sealed, answer, actor, HOME)

    def link(self, actor: Actor, password: str = PASSWORD) -> None:
        self.house.identities.link(actor, self.sign_in(actor).link, password)

    def who(self, arrival: Arrival) -> Actor:
        found = self.house.sessions.who(arrival.token, HOME)
        assert found and arrival.whole
        return found


@pytest.fixture
def home(tmp_path: Path, provider: SignInProvider) -> Iterator[Home]:
    made = Home(tmp_path, provider)
    yield made
    made.house.close()


@pytest.fixture
def open_home(tmp_path: Path, provider: SignInProvider) -> Iterator[Home]:
    made = Home(tmp_path, provider, new_users="viewer")
    yield made
    made.house.close()


def _case(error: pytest.ExceptionInfo[CastMindError]) -> object:
    return error.value.params.get("case")


def test_without_settings_there_is_no_provider(tmp_path: Path) -> None:
    house = Household(tmp_path)
    assert house.provider_sign_in.name == ""
    with pytest.raises(Conflict):
        house.provider_sign_in.begin(BACK, "/", None, HOME)
    house.close()


def test_its_name_is_that_of_the_setting_or_its_host(home: Home, tmp_path: Path, provider: SignInProvider) -> None:
    assert home.house.provider_sign_in.name == "127.0.0.1"
    (tmp_path / "other").mkdir()
    named = Home(tmp_path / "other", provider, name=" Home login ")
    assert named.house.provider_sign_in.name == "Home login"
    named.house.close()


def test_a_linked_account_signs_its_user_in(home: Home) -> None:
    assert home.owner
    home.link(home.owner)
    arrival = home.sign_in()
    found = home.who(arrival)
    assert (found.user_id, found.role, found.how, arrival.next) == (1, Role.ADMIN, "session", "/episode?id=3")
    assert found.session_id != home.owner.session_id


def test_a_stranger_stays_outside(home: Home) -> None:
    with pytest.raises(SignInFailed) as refused:
        home.sign_in()
    assert _case(refused) == "not_linked"
    assert len(home.house.rows("users")) == 1
    entry = home.house.entries()[-1]
    assert (entry.action, entry.outcome, entry.subject) == ("sign_in.provider", "refused", "anna")


def test_a_name_or_an_e_mail_finds_nobody(open_home: Home, provider: SignInProvider) -> None:
    """Whoever may choose a name at the provider could choose the admin's."""
    provider.person = {"sub": "an attacker", "preferred_username": "Anna", "email": "anna@example.net", "email_verified": True}
    found = open_home.who(open_home.sign_in())
    assert (found.user_id, found.role) == (2, Role.VIEWER)
    assert [row["name"] for row in open_home.house.rows("users")] == ["Anna", "Anna 2"]


def test_a_first_time_visitor_gets_the_role_of_the_setting_and_stays_the_same(open_home: Home, provider: SignInProvider) -> None:
    first = open_home.who(open_home.sign_in())
    provider.person["preferred_username"] = "anna of the other name"
    again = open_home.who(open_home.sign_in())
    assert first.user_id == again.user_id == 2 and again.role is Role.VIEWER
    assert [row["label"] for row in open_home.house.rows("user_identities")] == ["anna of the other name"]


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ({"sub": "7"}, "user"),
        ({"sub": "7", "email": "ben@example.net"}, "ben"),
        ({"sub": "7", "name": "B" * 300}, "user"),
        ({"sub": "7", "preferred_username": "\x1b[31m\n", "name": "Ben"}, "Ben"),
        ({"sub": "7", "preferred_username": {"a": 1}, "email": 7, "name": "本"}, "本"),
    ],
)
def test_a_new_user_gets_a_name_that_can_be_shown(
    open_home: Home, provider: SignInProvider, person: dict[str, Any], name: str
) -> None:
    provider.person = person
    open_home.sign_in()
    assert open_home.house.rows("users")[1]["name"] == name


@pytest.mark.parametrize("admitted", ["groups=family", "groups=other,groups=family", "email=ANNA@example.net"])
def test_who_is_admitted_comes_in(tmp_path: Path, provider: SignInProvider, admitted: str) -> None:
    provider.person |= {"groups": ["family", "staff"], "email_verified": True}
    home = Home(tmp_path, provider, new_users="member", admitted=admitted)
    assert home.who(home.sign_in()).role is Role.MEMBER
    home.house.close()


@pytest.mark.parametrize(
    "admitted", ["groups=famil", "groups=staffing", "email=anna@example.net", "email=ben@example.net", "sub=person"]
)
def test_who_is_not_admitted_stays_outside(tmp_path: Path, provider: SignInProvider, admitted: str) -> None:
    provider.person |= {"groups": ["family"], "email_verified": False}
    home = Home(tmp_path, provider, new_users="member", admitted=admitted)
    with pytest.raises(SignInFailed) as refused:
        home.sign_in()
    assert _case(refused) == "not_admitted" and len(home.house.rows("users")) == 1
    home.house.close()


def test_a_second_factor_is_asked_for_all_the_same(home: Home) -> None:
    assert home.owner
    secret = home.house.turn_totp_on(home.owner)
    home.link(home.owner)
    arrival = home.sign_in()
    assert not arrival.whole and home.house.sessions.who(arrival.token) is None
    token = home.house.sign_in.second(arrival.token, home.house.code(secret, steps=1), HOME)
    assert home.house.sessions.who(token)


def test_a_disabled_user_stays_outside(open_home: Home) -> None:
    assert open_home.owner
    open_home.sign_in()
    open_home.house.accounts.change(open_home.owner, 2, disabled=True)
    with pytest.raises(SignInFailed) as refused:
        open_home.sign_in()
    assert _case(refused) == "disabled"


# --- answers that another browser, another time or somebody else gives -------------------------------


def test_an_answer_counts_only_in_the_browser_that_began(open_home: Home) -> None:
    """Sign-in CSRF: an attacker sends the victim the address of their own answer."""
    _, theirs = open_home.go()
    own, _ = open_home.go()
    for sealed in (own, "", "x", open_home.house.provider_sign_in._vault.seal("{}")):
        with pytest.raises(SignInFailed) as refused:
            open_home.house.provider_sign_in.finish(sealed, theirs, None, HOME)
        assert _case(refused) == "round_trip"


@pytest.mark.parametrize("state", ["", "another", "é", "\N{SNOWMAN}" * 100])
def test_another_state_counts_for_nothing(open_home: Home, state: str) -> None:
    sealed, answer = open_home.go()
    with pytest.raises(SignInFailed):
        open_home.house.provider_sign_in.finish(sealed, {**answer, "state": state}, None, HOME)


def test_an_answer_counts_once(open_home: Home) -> None:
    sealed, answer = open_home.go()
    open_home.house.provider_sign_in.finish(sealed, answer, None, HOME)
    with pytest.raises(ProviderFailed):
        open_home.house.provider_sign_in.finish(sealed, answer, None, HOME)


def test_an_answer_that_comes_late_counts_for_nothing(open_home: Home) -> None:
    sealed, answer = open_home.go()
    open_home.house.now += ROUND_TRIP_SECONDS + 1
    with pytest.raises(SignInFailed) as refused:
        open_home.house.provider_sign_in.finish(sealed, answer, None, HOME)
    assert _case(refused) == "round_trip"


def test_an_answer_of_another_provider_counts_for_nothing(open_home: Home, provider: SignInProvider) -> None:
    """Mix-up: an answer is brought to a client of another provider (RFC 9207)."""
    sealed, answer = open_home.go()
    for changed in ({**answer, "iss": "https://evil.example"}, {name: answer[name] for name in ("code", "state")}):
        with pytest.raises(ProviderFailed):
            open_home.house.provider_sign_in.finish(sealed, changed, None, HOME)
    assert "/token" not in provider.asked


def test_an_answer_begun_with_another_provider_counts_for_nothing(open_home: Home) -> None:
    assert open_home.owner
    sealed, answer = open_home.go()
    open_home.house.settings._environ = {}
    open_home.house.settings.read_saved()
    open_home.house.settings.save(open_home.owner, "openid_issuer", "https://auth.example.net")
    with pytest.raises(SignInFailed) as refused:
        open_home.house.provider_sign_in.finish(sealed, answer, None, HOME)
    assert _case(refused) == "round_trip"


def test_no_is_taken_for_an_answer(open_home: Home) -> None:
    sealed, answer = open_home.go()
    with pytest.raises(SignInFailed) as refused:
        open_home.house.provider_sign_in.finish(sealed, {**answer, "error": "access_denied"}, None, HOME)
    assert _case(refused) == "denied"
    with pytest.raises(ProviderFailed):
        open_home.house.provider_sign_in.finish(sealed, {**answer, "error": "server_error"}, None, HOME)


def test_round_trips_are_throttled_by_address(open_home: Home) -> None:
    with pytest.raises(TooManyAttempts):
        for _ in range(200):
            open_home.house.provider_sign_in.begin(BACK, "/", None, HOME)
    open_home.house.provider_sign_in.begin(BACK, "/", None, Visit("192.168.1.77", ""))


def test_where_to_go_fits_into_a_cookie(open_home: Home) -> None:
    _, sealed = open_home.house.provider_sign_in.begin(BACK, "/search?q=" + "é" * 490, None, HOME)
    assert len(sealed) < 3_900
    _, sealed = open_home.house.provider_sign_in.begin(BACK, "/" + "x" * 2_000, None, HOME)
    assert len(sealed) < 1_500

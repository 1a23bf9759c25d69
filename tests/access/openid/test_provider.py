"""A round trip to a provider over real HTTP, and what it may do wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.access.openid.endpoints import OpenIdClient
from core.access.openid.provider import KEPT_SECONDS, KEYS_REST_SECONDS, OpenIdProvider
from core.access.openid.round_trip import RoundTrip
from core.domain.accounts.identity import ProvenIdentity
from core.errors import ProviderFailed
from tests.fakes.hostile_host import HostileHost
from tests.fakes.sign_in_provider import CLIENT_ID, CLIENT_SECRET, SignInProvider, new_key

BACK = "http://localhost:8501/sign-in/provider/back"


@pytest.fixture
def host() -> Iterator[SignInProvider]:
    with SignInProvider() as made:
        yield made


class Clock:
    """Moves by hand, from the present: the fake makes its tokens now."""

    def __init__(self) -> None:

        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[OpenIdProvider]:
    made = OpenIdProvider(lambda: ("127.0.0.1",), clock=clock)
    yield made
    made.close()


def _sign_in(provider: OpenIdProvider, host: SignInProvider, *, secret: str = CLIENT_SECRET) -> ProvenIdentity:
    client, trip = OpenIdClient(host.root, CLIENT_ID, secret), RoundTrip(BACK)
    back = httpx.get(provider.begin(client, trip)).headers["location"]
    assert back.startswith(BACK)
    answer = {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}
    assert answer["state"] == trip.state
    return provider.identity(client, trip, answer["code"])


def test_a_person_comes_back_proven(provider: OpenIdProvider, host: SignInProvider) -> None:
    found = _sign_in(provider, host)
    assert (found.issuer, found.subject, found.label) == (host.root, "person-1", "anna")
    assert host.asked == ["/.well-known/openid-configuration", "/authorize", "/token", "/keys"]


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_the_secret_goes_as_the_provider_wants_it(provider: OpenIdProvider, host: SignInProvider, method: str) -> None:
    host.document["token_endpoint_auth_methods_supported"] = [method]
    assert _sign_in(provider, host).subject == "person-1"


def test_a_public_client_has_no_secret(provider: OpenIdProvider) -> None:
    with SignInProvider(secret="") as host:
        assert _sign_in(provider, host, secret="").subject == "person-1"


def test_a_wrong_secret_lets_nobody_in(provider: OpenIdProvider, host: SignInProvider) -> None:
    with pytest.raises(ProviderFailed, match="invalid_client") as failed:
        _sign_in(provider, host, secret="another")
    assert "another" not in failed.value.detail


def test_description_and_keys_are_kept_for_an_hour(provider: OpenIdProvider, host: SignInProvider, clock: Clock) -> None:
    _sign_in(provider, host)
    _sign_in(provider, host)
    assert host.asked.count("/keys") == host.asked.count("/.well-known/openid-configuration") == 1
    provider.endpoints(OpenIdClient(host.root, CLIENT_ID, CLIENT_SECRET))
    clock.now += KEPT_SECONDS + 1
    provider.endpoints(OpenIdClient(host.root, CLIENT_ID, CLIENT_SECRET))
    assert host.asked.count("/.well-known/openid-configuration") == 2


def test_new_keys_of_the_provider_are_fetched(provider: OpenIdProvider, host: SignInProvider, clock: Clock) -> None:
    _sign_in(provider, host)
    host.rotate()
    clock.now += KEYS_REST_SECONDS + 1
    assert _sign_in(provider, host).subject == "person-1"
    assert host.asked.count("/keys") == 2


def test_forged_tokens_do_not_make_it_ask_for_keys_all_the_time(provider: OpenIdProvider, host: SignInProvider) -> None:
    host.key = new_key()
    for _ in range(3):
        with pytest.raises(ProviderFailed, match="none of its keys"):
            _sign_in(provider, host)
    assert host.asked.count("/keys") == 1


def test_an_address_without_encryption_is_refused_before_it_is_asked(host: SignInProvider) -> None:
    provider = OpenIdProvider(tuple)
    with pytest.raises(ProviderFailed) as refused:
        provider.endpoints(OpenIdClient(host.root, CLIENT_ID, ""))
    assert refused.value.params["case"] == "plain" and host.asked == []


def test_a_private_address_behind_a_public_name_is_refused() -> None:
    provider = OpenIdProvider(tuple, lookup=lambda _host, _port: ["169.254.169.254"])
    with pytest.raises(ProviderFailed) as refused:
        provider.endpoints(OpenIdClient("https://auth.example.net", CLIENT_ID, ""))
    assert refused.value.params["case"] == "unreachable"


def test_nobody_there(provider: OpenIdProvider, host: SignInProvider) -> None:
    root = host.root
    host._server.server_close()
    with pytest.raises(ProviderFailed) as failed:
        provider.endpoints(OpenIdClient(root, CLIENT_ID, ""))
    assert failed.value.params["case"] == "unreachable"


@pytest.mark.parametrize("answer", [{"id_token": None}, {"id_token": 7}, {"access_token": 7}])
def test_an_answer_without_a_token(provider: OpenIdProvider, host: SignInProvider, answer: dict[str, object]) -> None:
    host.answer = answer
    with pytest.raises(ProviderFailed):
        _sign_in(provider, host)


def test_what_only_the_user_info_says_counts_too(provider: OpenIdProvider, host: SignInProvider) -> None:
    host.document["userinfo_endpoint"] = f"{host.root}/userinfo"
    host.person = {"sub": "person-1", "email": "of@the.token"}
    host.user_info = {"preferred_username": "anna", "groups": ["family"], "email": "of@the.user-info"}
    found = _sign_in(provider, host)
    assert (found.label, found.claims["groups"], found.claims["email"]) == ("anna", ["family"], "of@the.token")


@pytest.mark.parametrize("said", [{"sub": "another"}, {"sub": None}])
def test_user_info_of_somebody_else_lets_nobody_in(
    provider: OpenIdProvider, host: SignInProvider, said: dict[str, object]
) -> None:
    """Token substitution (OpenID Connect Core 1.0, 5.3.2)."""
    host.document["userinfo_endpoint"] = f"{host.root}/userinfo"
    host.user_info = said
    with pytest.raises(ProviderFailed, match="somebody else"):
        _sign_in(provider, host)


ANSWERS = {
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html",
    "deep": b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000,
    "long": b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 2_000_000,
    "another status": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "led away": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "no HTTP": b"\x00\x01\x02",
    "silence": b"",
    "bad UTF-8": b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"\xff"',
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_it_answers_is_an_error_of_the_provider(provider: OpenIdProvider, answer: str) -> None:
    with HostileHost() as host:
        host.answers["/.well-known/openid-configuration"] = ANSWERS[answer]
        with pytest.raises(ProviderFailed):
            provider.endpoints(OpenIdClient(host.url, CLIENT_ID, ""))
        assert host.asked == ["/.well-known/openid-configuration"]

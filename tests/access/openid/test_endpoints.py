"""Discovery documents: those of real providers, and those that lie."""

from __future__ import annotations

from typing import Any

import pytest

from core.access.openid import endpoints
from core.access.openid.endpoints import OpenIdClient
from core.errors import ProviderFailed

ISSUER = "https://auth.example.net/realms/home"
CLIENT = OpenIdClient(ISSUER, "castmind", "secret")
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://auth.example.net/authorize",
    "token_endpoint": "https://tokens.example.net/token",
    "jwks_uri": "https://auth.example.net/keys",
}


def _read(client: OpenIdClient = CLIENT, *, plain: bool = False, **changes: Any) -> endpoints.Endpoints:
    return endpoints.of({**DOCUMENT, **changes}, client, lambda _host, _port: plain)


def test_the_endpoints_of_a_document() -> None:
    found = _read()
    assert (found.authorization, found.token, found.keys) == tuple(DOCUMENT[name] for name in list(DOCUMENT)[1:])
    assert (found.auth_method, found.names_itself) == ("client_secret_basic", False)


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER])
@pytest.mark.parametrize("typed", [ISSUER + "/", ISSUER])
def test_a_slash_at_the_end_of_the_setting_does_not_matter(issuer: str, typed: str) -> None:
    assert _read(OpenIdClient(typed, "castmind", ""), issuer=issuer).issuer == issuer


@pytest.mark.parametrize("issuer", ["https://evil.example", ISSUER + "/other", ISSUER.upper(), "", None, 7, [ISSUER]])
def test_another_issuer_is_refused(issuer: object) -> None:
    with pytest.raises(ProviderFailed):
        _read(issuer=issuer)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "place",
    [
        *("http://auth.example.net/x", "javascript:alert(1)", "file:///etc/passwd", "//auth.example.net/x", "https://a:b@c/x"),
        *("https://", "https://[", "https://a:99999/x", None, "", 7),
    ],
)
def test_an_endpoint_that_is_not_https_is_refused(name: str, place: object) -> None:
    if name == "userinfo_endpoint" and not place:
        assert _read(**{name: place}).user_info == ""
        return
    with pytest.raises(ProviderFailed):
        _read(**{name: place})


def test_plain_http_is_taken_where_it_is_allowed() -> None:
    assert _read(plain=True, token_endpoint="http://nas:5556/token").token == "http://nas:5556/token"


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_what_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(ProviderFailed):
        endpoints.of(document, CLIENT, lambda _host, _port: False)


def test_how_the_client_proves_itself() -> None:
    offered = "token_endpoint_auth_methods_supported"
    assert _read(**{offered: ["client_secret_post"]}).auth_method == "client_secret_post"
    assert _read(**{offered: ["client_secret_post", "client_secret_basic"]}).auth_method == "client_secret_basic"
    assert _read(OpenIdClient(ISSUER, "castmind", ""), **{offered: ["client_secret_post"]}).auth_method == "none"

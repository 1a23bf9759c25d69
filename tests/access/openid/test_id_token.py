"""ID tokens: what is checked before one is believed."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from core.access.openid import id_token
from core.access.openid.id_token import UnknownKey
from core.domain.accounts.identity import ProvenIdentity
from core.errors import ProviderFailed

NOW = 1_700_000_000.0
ISSUER, CLIENT, NONCE = "https://auth.example.net", "castmind", "the nonce of this round trip"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
KEYS = KeySet([KEY]).as_dict(private=False)
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, "sub": "person", "iat": NOW - 1, "exp": NOW + 300, "nonce": NONCE}


def _token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(header or {"alg": "RS256", "kid": key.kid}, claims, key, algorithms=(*id_token.ALGORITHMS, "HS256"))


def _check(token: str, keys: Any = KEYS, *, access: str = "access") -> ProvenIdentity:
    return id_token.check(token, keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, access_token=access, now=NOW)


def test_a_good_token_names_a_person() -> None:
    found = _check(_token(preferred_username="anna", groups=["family"]))
    assert (found.issuer, found.subject, found.label) == (ISSUER, "person", "anna")
    assert found.claims["groups"] == ["family"]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (KEY, "PS256"),
        (KEY, "RS512"),
        (ECKey.generate_key("P-256", {"kid": "e"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "o"}), "Ed25519"),
    ],
)
def test_the_algorithms_of_providers(key: Any, algorithm: str) -> None:
    keys = KeySet([OTHER, key]).as_dict(private=False)
    assert _check(_token(key, {"alg": algorithm, "kid": key.kid}), keys).subject == "person"


def test_a_token_that_names_no_key_is_tried_with_all() -> None:
    keys = KeySet([OTHER, ECKey.generate_key("P-256", {"kid": "e"}), KEY]).as_dict(private=False)
    assert _check(_token(header={"alg": "RS256"}), keys).subject == "person"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": ["another client", "and one more"]},
        {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"nonce": "of another round trip"},
        {"nonce": None},
        {"exp": NOW - 200},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW + 500},
        {"iat": NOW - 700, "exp": NOW + 300},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"nbf": NOW + 500},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "of another access token"},
    ],
)
def test_a_token_for_others_or_of_another_time_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed):
        _check(_token(**changes))


def test_clocks_may_differ_a_little() -> None:
    assert _check(_token(iat=NOW + 60)).subject == "person"
    assert _check(_token(exp=NOW - 60, iat=NOW - 300)).subject == "person"


def test_a_forged_signature_is_refused() -> None:
    with pytest.raises(UnknownKey):
        _check(_token(OTHER))
    with pytest.raises(UnknownKey):
        _check(_token(OTHER, {"alg": "RS256", "kid": KEY.kid}))


def _piece(part: object) -> str:
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_no_token_without_a_signature_counts() -> None:
    bare = f"{_piece({'alg': 'none', 'kid': KEY.kid})}.{_piece(CLAIMS)}"
    for token in (bare, bare + ".", f"{bare}.{_piece(b'x')}"):
        with pytest.raises((ProviderFailed, UnknownKey)):
            _check(token)


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """The classic forgery: HS256 with the published key as its secret."""
    for secret in (KEY.as_pem(private=False), KEY.as_der(private=False), b"the client's secret"):
        signed = f"{_piece({'alg': 'HS256', 'kid': KEY.kid})}.{_piece(CLAIMS)}"
        token = f"{signed}.{_piece(hmac.digest(secret, signed.encode(), 'sha256'))}"
        shared = {"kty": "oct", "kid": KEY.kid, "k": _piece(secret)}
        for keys in (KEYS, {"keys": [shared]}):
            with pytest.raises(UnknownKey):
                _check(token, keys)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "é.b.c", "." * 200, "x" * 70_000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ProviderFailed):
        _check(token)


@pytest.mark.parametrize("keys", [None, [], {}, {"keys": None}, {"keys": "x"}, 7])
def test_what_are_no_keys_are_refused(keys: object) -> None:
    with pytest.raises(ProviderFailed):
        _check(_token(), keys)


@pytest.mark.parametrize("keys", [[], [7, None], [{}], [{"kty": "RSA", "kid": "one"}], [{"kty": "new", "kid": "one"}]])
def test_damaged_keys_sign_nothing(keys: list[object]) -> None:
    with pytest.raises(UnknownKey):
        _check(_token(), {"keys": keys})


def test_a_key_for_encryption_signs_nothing() -> None:
    keys = [{**KEY.as_dict(private=False), "use": "enc"}]
    with pytest.raises(UnknownKey):
        _check(_token(), {"keys": keys})

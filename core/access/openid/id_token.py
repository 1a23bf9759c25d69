"""Check an ID token: signature, issuer, audience, times, nonce (OpenID Connect Core 1.0, 3.1.3.7).

token, keys of the provider ─▶ a key that made the signature, by an asymmetric algorithm ─▶ claims ─▶ ProvenIdentity
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from core.domain.accounts.identity import LONGEST_SUBJECT, ProvenIdentity, label_of
from core.errors import ProviderFailed

# None that a client secret could sign, and not "none".
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
# Seconds by which the clocks may differ.
LEEWAY = 120
# Seconds from the making of a token to its use here.
OLDEST = 600
LONGEST = 65_536
MOST_KEYS = 50
# What the libraries raise for content that is no token, key or claim.
_BAD = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class UnknownKey(Exception):
    """No key of the set made the signature: the token is forged, or the provider has changed its keys."""


def check(token: str, keys: Any, *, issuer: str, client_id: str, nonce: str, access_token: str, now: float) -> ProvenIdentity:
    """Return who the token proves. Raises UnknownKey, and ProviderFailed for a token that is not good.

    `keys`: the provider's JSON Web Key Set; `now`: Unix seconds.
    """
    decoded = _decoded(token, keys)
    claims = CodeIDToken(
        dict(decoded.claims),
        dict(decoded.header),
        {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
        {"client_id": client_id, "nonce": nonce, "access_token": access_token},
    )
    try:
        claims.validate(now=int(now), leeway=LEEWAY)
    except _BAD as error:
        raise ProviderFailed.answer(f"its token is not good ({type(error).__name__}: {str(error)[:200]})") from error
    subject, issued = claims.get("sub"), claims.get("iat")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ProviderFailed.answer("its token names nobody")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not math.isfinite(issued) or issued < now - OLDEST:
        raise ProviderFailed.answer("its token was made too long ago; compare the clocks of both computers")
    return ProvenIdentity(issuer, subject, label_of(claims), dict(claims))


def _decoded(token: str, keys: Any) -> jwt.Token:
    if len(token) > LONGEST:
        raise ProviderFailed.answer("its token is too long")
    try:
        named = jws.extract_compact(token.encode()).headers().get("kid")
        candidates = list(_candidates(keys, named))
    except _BAD as error:
        raise ProviderFailed.answer("its token or its keys cannot be read") from error
    for key in candidates:
        try:
            return jwt.decode(token, import_key(key), algorithms=ALGORITHMS)
        except _BAD:
            continue  # another kind of key, or another signature
    raise UnknownKey


def _candidates(keys: Any, named: object) -> Iterator[dict[str, Any]]:
    """Yield the keys that may have signed: the named one, or all, if the token names none."""
    listed = keys["keys"]
    if not isinstance(listed, list):
        raise TypeError("the keys are no list")
    for key in listed[:MOST_KEYS]:
        if isinstance(key, dict) and key.get("use", "sig") == "sig" and (named is None or key.get("kid") == named):
            yield key

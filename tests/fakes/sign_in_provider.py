"""A sign-in provider (OpenID Connect) over real HTTP on loopback: discovery, authorization, tokens, keys. It signs for real.

    /.well-known/openid-configuration ─▶ document     /authorize ─▶ back with code and state     /token ─▶ ID token     /keys

It checks what a provider has to check (the client's secret, the code's use, PKCE), and lies where a test tells it to:
`document`, `claims`, `answer`, `user_info` and `came_back` change what it says; `sign` makes the token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.fakes.local_server import Handler, LocalServer

CLIENT_ID, CLIENT_SECRET = "castmind", "a secret: with a colon"


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "kid": secrets.token_hex(4)})


# Shared, because making one takes a while.
FIRST_KEY = new_key()


class _Handler(Handler):
    fake: SignInProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.fake.asked.append(parts.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(200, self.fake.describe())
        elif parts.path == "/keys":
            self._json(200, self.fake.keys.as_dict(private=False))
        elif parts.path == "/userinfo":
            self._json(*self.fake.tell(self.headers.get("Authorization", "")))
        elif parts.path == "/authorize":
            self.answer(302, b"", Location=self.fake.authorize(query))
        else:
            self.answer(404, b"")

    def do_POST(self) -> None:
        self.fake.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self.fake.redeem(form, self.headers.get("Authorization", "")))

    def _json(self, status: int, document: Any) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answer(status, body, **{"Content-Type": "application/json"})


class SignInProvider(LocalServer):
    handler = _Handler

    def __init__(self, *, secret: str = CLIENT_SECRET) -> None:
        super().__init__()
        self.secret = secret
        self.asked: list[str] = []
        self.person: dict[str, Any] = {"sub": "person-1", "preferred_username": "anna", "email": "anna@example.net"}
        self.document: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.came_back: dict[str, str] = {}
        self.key = FIRST_KEY
        self.keys = KeySet([self.key])
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.user_info: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._access: set[str] = set()

    def describe(self) -> Any:
        root = self.root
        return {
            "issuer": root,
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/token",
            "jwks_uri": f"{root}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
            **self.document,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes after the person has signed in and consented."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID
        assert "openid" in query["scope"].split() and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.root, **self.came_back}
        return f"{query['redirect_uri']}?{urlencode({name: value for name, value in back.items() if value})}"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        begun = self._codes.pop(form.get("code", ""), None)
        if not self._knows_client(form, authorization):
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            **{"iss": self.root, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": begun["nonce"]},
            **self.person,
            **self.claims,
        }
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        access = secrets.token_urlsafe(8)
        self._access.add(access)
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": token, **self.answer}

    def tell(self, authorization: str) -> tuple[int, Any]:
        """Return what only the user info says, for the access token of a sign-in."""
        if authorization.removeprefix("Bearer ") not in self._access:
            return 401, {"error": "invalid_token"}
        return 200, {"sub": self.person["sub"], **self.user_info}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def rotate(self) -> None:
        """Sign with another key from now on, as providers do."""
        self.key = new_key()
        self.keys = KeySet([self.key])

    def _knows_client(self, form: dict[str, str], authorization: str) -> bool:
        if not self.secret:
            return form.get("client_id") == CLIENT_ID and not authorization
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (CLIENT_ID, self.secret)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        return [unquote_plus(part) for part in pair] == [CLIENT_ID, self.secret]

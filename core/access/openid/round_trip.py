"""One way through a sign-in provider (OpenID Connect, authorization code with PKCE): its secrets, and the address that begins it.

begin ─▶ state, nonce, verifier ─▶ the provider's page ─▶ back with state and code ─▶ the code is exchanged with the verifier

`state` ties the answer to the browser that began, `nonce` the token to this round trip, `verifier` the code to this server.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from core.access.openid.endpoints import Endpoints

SCOPE = "openid profile email"


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """`redirect_uri`: the address of this server to which the provider sends the browser back."""

    redirect_uri: str
    state: str = field(default_factory=_secret)
    nonce: str = field(default_factory=_secret)
    verifier: str = field(default_factory=_secret)

    def address(self, endpoints: Endpoints, client_id: str) -> str:
        """Return the provider's address to which the browser is sent."""
        return str(
            prepare_grant_uri(
                endpoints.authorization,
                client_id,
                "code",
                redirect_uri=self.redirect_uri,
                scope=SCOPE,
                state=self.state,
                nonce=self.nonce,
                code_challenge=create_s256_code_challenge(self.verifier),
                code_challenge_method="S256",
            )
        )

    def exchange(self, code: str) -> str:
        """Return the form that exchanges the code for tokens, without the client's credentials."""
        return str(prepare_token_request("authorization_code", "", self.redirect_uri, code=code, code_verifier=self.verifier))

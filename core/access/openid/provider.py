"""Ask a sign-in provider (OpenID Connect), through the guard of core/net: its description, its keys, a token for a code.

discovery document, kept an hour ─▶ address to begin ··· code ─▶ token endpoint ─▶ ID token ─▶ keys, kept too ─▶ user info
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from core.access.openid import endpoints as discovery
from core.access.openid import id_token
from core.access.openid.endpoints import Endpoints, OpenIdClient
from core.access.openid.round_trip import RoundTrip
from core.domain.accounts.identity import ProvenIdentity, label_of
from core.errors import CastMindError, ProviderFailed
from core.net.addresses import AllowedHosts, GuardedBackend, Resolve, Watch, any_allows, resolve, watch
from core.net.client import ERRORS, Client

USER_AGENT = "CastMind/0.1 (sign-in)"
WHOLE_SECONDS = 15.0
MOST_BYTES = 1_000_000
KEPT_SECONDS = 3600.0
# Keys are not asked for anew more often than this, whatever tokens are sent.
KEYS_REST_SECONDS = 60.0
_HEADERS = {"Accept": "application/json"}


def _never_cancelled() -> None:
    return None


class OpenIdProvider:
    """Thread-safe. `clock` gives Unix seconds. Blocks for at most about WHOLE_SECONDS a request."""

    def __init__(
        self, allowed_private_hosts: AllowedHosts, *, clock: Callable[[], float] = time.time, lookup: Resolve = resolve
    ) -> None:
        self._allowed = allowed_private_hosts
        self._client = Client(GuardedBackend(allowed_private_hosts, lookup), {"User-Agent": USER_AGENT})
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def close(self) -> None:
        self._client.close()

    def begin(self, client: OpenIdClient, trip: RoundTrip) -> str:
        """Return the address to which the browser is sent. Raises ProviderFailed."""
        return trip.address(self.endpoints(client), client.client_id)

    def endpoints(self, client: OpenIdClient) -> Endpoints:
        """Raises ProviderFailed if the provider cannot be reached or describes itself wrongly."""
        place = client.issuer.rstrip("/") + discovery.PATH
        discovery.check_place(place, "address", self._plain_allowed)
        document = self._remembered(place, KEPT_SECONDS)
        try:
            return discovery.of(document, client, self._plain_allowed)
        except ProviderFailed:
            self._forget(place)
            raise

    def identity(self, client: OpenIdClient, trip: RoundTrip, code: str) -> ProvenIdentity:
        """Exchange a code and check the token. Raises ProviderFailed."""
        known = self.endpoints(client)
        answer = self._token(client, known, trip.exchange(code))
        token, access = answer.get("id_token"), answer.get("access_token", "")
        if not isinstance(token, str) or not isinstance(access, str):
            raise ProviderFailed.answer("it gave no ID token for the code")
        return self._with_user_info(known, access, self._checked(client, known, trip, token, access))

    # --- inside -----------------------------------------------------------------------------------

    def _checked(self, client: OpenIdClient, known: Endpoints, trip: RoundTrip, token: str, access: str) -> ProvenIdentity:
        for rest in (KEPT_SECONDS, KEYS_REST_SECONDS):
            keys = self._remembered(known.keys, rest)
            try:
                return id_token.check(
                    token,
                    keys,
                    issuer=known.issuer,
                    client_id=client.client_id,
                    nonce=trip.nonce,
                    access_token=access,
                    now=self._clock(),
                )
            except id_token.UnknownKey:
                continue
        raise ProviderFailed.answer("none of its keys made the signature of its token")

    def _with_user_info(self, known: Endpoints, access: str, proven: ProvenIdentity) -> ProvenIdentity:
        """Add what the provider tells of the person only when asked: names and groups, which some leave out of the token."""
        if not (known.user_info and access):
            return proven
        headers = {**_HEADERS, "Authorization": f"Bearer {access}"}
        _, said = self._ask("GET", known.user_info, headers, None, expected=(200,))
        if not isinstance(said, dict) or said.get("sub") != proven.subject:
            raise ProviderFailed.answer("what it tells of the person is about somebody else")
        claims = {**said, **proven.claims}
        return replace(proven, label=label_of(claims), claims=claims)

    def _plain_allowed(self, host: str, port: int) -> bool:
        return any_allows(self._allowed(), host, port)

    def _remembered(self, place: str, seconds: float) -> Any:
        with self._guard:
            asked_at, document = self._kept.get(place, (0.0, None))
        if document is None or not 0 <= self._clock() - asked_at <= seconds:
            _, document = self._ask("GET", place, _HEADERS, None, expected=(200,))
            with self._guard:
                self._kept[place] = (self._clock(), document)
        return document

    def _forget(self, place: str) -> None:
        with self._guard:
            self._kept.pop(place, None)

    def _token(self, client: OpenIdClient, known: Endpoints, form: str) -> dict[str, Any]:
        headers = {**_HEADERS, "Content-Type": "application/x-www-form-urlencoded"}
        if known.auth_method == "client_secret_basic":
            # Form-encoded before Base64 (RFC 6749, 2.3.1), which matters for a secret with a colon or beyond ASCII.
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            fields = {"client_id": client.client_id}
            if known.auth_method == "client_secret_post":
                fields["client_secret"] = client.client_secret
            form += "&" + urlencode(fields)
        status, answer = self._ask("POST", known.token, headers, form.encode(), expected=(200, 400, 401))
        if not isinstance(answer, dict):
            raise ProviderFailed.answer("it answered the code with what is no JSON object")
        if status != 200:
            raise ProviderFailed.answer(f"it refused the code ({str(answer.get('error', status))[:100]})")
        return answer

    def _ask(
        self, method: str, place: str, headers: dict[str, str], body: bytes | None, *, expected: tuple[int, ...]
    ) -> tuple[int, Any]:
        """Return status and decoded JSON. A redirect is not followed: it would lead the secret elsewhere."""
        token = watch.set(Watch(time.monotonic() + WHOLE_SECONDS, _never_cancelled))
        try:
            reply = self._client.send(method, place, headers, body, connect=WHOLE_SECONDS, read=WHOLE_SECONDS)
            try:
                if reply.status not in expected:
                    raise ProviderFailed.answer(f"it answered with status {reply.status}")
                content = bytearray()
                for block in reply.blocks():
                    content += block
                    if len(content) > MOST_BYTES:
                        raise ProviderFailed.answer("its answer is too long")
                return reply.status, json.loads(content)
            finally:
                reply.close()
        except ProviderFailed:
            raise
        except (*ERRORS, CastMindError, httpx.InvalidURL, UnicodeError) as error:
            raise ProviderFailed(
                f"The sign-in provider at {urlsplit(place).hostname} cannot be reached ({error}). Nobody was signed in; try "
                "again, or sign in with your password.",
                case="unreachable",
            ) from error
        except (ValueError, RecursionError) as error:
            raise ProviderFailed.answer("its answer is no JSON") from error
        finally:
            watch.reset(token)

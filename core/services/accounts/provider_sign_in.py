"""Signing in by a provider, OpenID Connect (`castmind.provider_sign_in`), into the same sessions as by password.

    begin ─▶ the provider's page ─▶ back: finish ─┬─ linked to a user ─▶ a session, or a ticket for their second factor
                                                  ├─ unknown ─▶ a new user, if the settings say so; else refused
                                                  └─ a signed-in user asked ─▶ their consent and password ─▶ Identities.link

What is remembered between begin and finish travels in a cookie, sealed: an answer that another browser began is worth nothing.
A name or an e-mail address never finds a user: whoever could choose them at the provider could be anybody here.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.access.openid.endpoints import OpenIdClient
from core.access.openid.provider import OpenIdProvider
from core.access.openid.round_trip import RoundTrip
from core.access.throttle import Throttle
from core.domain.accounts.actor import Actor
from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.identity import Identity, ProvenIdentity, is_admitted
from core.domain.accounts.role import Role
from core.domain.accounts.user import LONGEST_NAME, name_of
from core.domain.accounts.visit import Visit
from core.errors import AccessLost, Conflict, ProviderFailed, SignInFailed, UserError
from core.services.accounts.accounts import MOST_USERS
from core.services.accounts.audit import Audit
from core.services.accounts.sign_in import SignIn
from core.settings import InForce
from core.store.accounts import user_identities, users
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault

log = logging.getLogger(__name__)
T = TypeVar("T")

ROUND_TRIP_SECONDS = 600.0
# Bytes. The sealed cookie has to stay below the 4 KB of a browser.
LONGEST_NEXT = 1_000
# Of an address: nothing can be guessed, but each may ask the provider.
BEGINNINGS = "20/minute;100/hour"
NEWCOMER = "user"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a round trip: the token of a session, a ticket for the second factor (`whole` is False), or a request to link.

    `link`: sealed, for the page that asks for consent; `label`: what the person is called at the provider.
    """

    next: str
    token: str = ""
    whole: bool = True
    link: str = ""
    label: str = ""


class ProviderSignIn:
    """Thread-safe. `provider` speaks to the outside, and blocks."""

    def __init__(
        self,
        store: Store,
        settings: InForce,
        provider: OpenIdProvider,
        sign_in: SignIn,
        audit: Audit,
        *,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._settings = settings
        self._provider = provider
        self._sign_in = sign_in
        self._audit = audit
        self._throttle = throttle or Throttle(pair=BEGINNINGS)
        self._clock = clock
        self._vault = Vault.beside(store.path)

    @property
    def name(self) -> str:
        """The name of the provider for people; "" if none is set up."""
        values = self._settings.values
        if not (values.openid_issuer and values.openid_client_id):
            return ""
        return values.openid_name.strip() or urlsplit(values.openid_issuer).hostname or ""

    def begin(self, redirect_uri: str, wanted: str, actor: Actor | None, visit: Visit) -> tuple[str, str]:
        """Return the provider's address, and what the browser has to bring back, sealed. An actor's round trip is to link.

        Raises ProviderFailed, TooManyAttempts, and Conflict if no provider is set up.
        """
        self._throttle.attempt(visit.address, f"provider:{visit.address}")
        trip = RoundTrip(redirect_uri)
        address = self._outward(lambda: self._provider.begin(self._client(), trip))
        kept = {
            **asdict(trip),
            "issuer": self._settings.values.openid_issuer,
            "next": wanted if len(wanted.encode()) <= LONGEST_NEXT else "/",
            "session": actor.session_id if actor else 0,
        }
        return address, self._sealed("round trip", kept)

    def finish(self, sealed: str, answer: Mapping[str, str], actor: Actor | None, visit: Visit) -> Arrival:
        """Check the provider's answer (the query of the address that the browser came back to) and let the person in.

        Raises SignInFailed, ProviderFailed.
        """
        kept = self._opened("round trip", sealed)
        same = hmac.compare_digest(answer.get("state", "").encode(), kept["state"].encode())
        if not same or kept["issuer"] != self._settings.values.openid_issuer:
            raise SignInFailed("This sign-in was begun elsewhere or too long ago. Begin again.", case="round_trip")
        trip = RoundTrip(kept["redirect_uri"], kept["state"], kept["nonce"], kept["verifier"])
        proven = self._outward(lambda: self._proven(trip, answer))
        if not is_admitted(proven.claims, self._settings.values.openid_admitted):
            self._note_refused(proven, visit)
            raise SignInFailed("The account at the provider is not among those that may come in here.", case="not_admitted")
        if kept["session"]:
            if actor is None or actor.session_id != kept["session"]:
                raise SignInFailed("The session that began this has ended. Sign in, then link again.", case="round_trip")
            link = {"issuer": proven.issuer, "subject": proven.subject, "label": proven.label, "session": kept["session"]}
            return Arrival(kept["next"], link=self._sealed("link", link), label=proven.label)
        try:
            user_id = self._store.write(lambda db: self._user_of(db, proven))
        except SignInFailed:
            self._note_refused(proven, visit)
            raise
        token, whole = self._sign_in.enter(users.credentials_of(self._store.read(), user_id), visit)
        return Arrival(kept["next"], token=token, whole=whole)

    def consented(self, link: str, session_id: int) -> Identity:
        """Return the identity that this session asked to link. Raises SignInFailed."""
        kept = self._opened("link", link)
        if not session_id or kept["session"] != session_id:
            raise SignInFailed("This was begun in another session. Begin again.", case="round_trip")
        return Identity(kept["issuer"], kept["subject"], kept["label"])

    # --- inside -----------------------------------------------------------------------------------

    def _client(self) -> OpenIdClient:
        values = self._settings.values
        if not self.name:
            raise Conflict("No sign-in provider is set up. Nobody was signed in.", case="no_provider")
        return OpenIdClient(values.openid_issuer, values.openid_client_id, values.openid_client_secret)

    def _proven(self, trip: RoundTrip, answer: Mapping[str, str]) -> ProvenIdentity:
        client = self._client()
        known = self._provider.endpoints(client)
        said = answer.get("iss")
        if said != known.issuer and (said is not None or known.names_itself):
            raise ProviderFailed.answer("the answer is another provider's")
        if error := answer.get("error"):
            if error == "access_denied":
                raise SignInFailed("The provider was told not to sign you in.", case="denied")
            raise ProviderFailed.answer(f"it says {error[:100]}")
        if not answer.get("code"):
            raise ProviderFailed.answer("it has no code")
        return self._provider.identity(client, trip, answer["code"])

    def _user_of(self, db: Database, proven: ProvenIdentity) -> int:
        """Return the user of a proven identity; add one where the settings say so. Raises SignInFailed."""
        user_id = user_identities.user_of(db, proven)
        if user_id is not None:
            if users.get(db, user_id).disabled:
                raise SignInFailed("This account may not sign in any more.", case="disabled")
            user_identities.relabel(db, proven)
            return user_id
        role = self._settings.values.openid_new_users
        if role == "nobody":
            raise SignInFailed("No account here is linked to that one.", case="not_linked")
        if len(users.every(db)) >= MOST_USERS:
            raise Conflict(f"There are {MOST_USERS} users, as many as there may be.", case="too_many_users")
        made = users.add(db, _free_name(db, proven.label), Role.named(role), password=None, now=self._clock())
        user_identities.link(db, made, proven, now=self._clock())
        return made

    def _outward(self, act: Callable[[], T]) -> T:
        """Run a call to the provider; what it did wrong is for the log, since the page says it in general words."""
        try:
            return act()
        except ProviderFailed as error:
            log.warning("sign-in by the provider failed: %s", error.detail)
            raise

    def _sealed(self, purpose: str, kept: dict[str, Any]) -> str:
        return self._vault.seal(
            json.dumps({**kept, "for": purpose, "until": self._clock() + ROUND_TRIP_SECONDS}, ensure_ascii=False)
        )

    def _opened(self, purpose: str, sealed: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(self._vault.open(sealed))
        except AccessLost:
            kept = {}
        if kept.get("for") != purpose or kept["until"] < self._clock():
            raise SignInFailed("This sign-in was begun elsewhere or too long ago. Begin again.", case="round_trip")
        return kept

    def _note_refused(self, proven: ProvenIdentity, visit: Visit) -> None:
        entry = AuditEntry(self._clock(), None, "", "session", "sign_in.provider", proven.label, "refused", visit.address)
        self._audit.note(entry)


def _free_name(db: Database, label: str) -> str:
    """Return a user's name after a label that is nobody's name yet."""
    try:
        wanted = name_of(label.partition("@")[0])
    except UserError:
        wanted = NEWCOMER
    name, number = wanted, 1
    while users.by_name(db, name) is not None:
        number += 1
        name = f"{wanted[: LONGEST_NAME - 5]} {number}"
    return name

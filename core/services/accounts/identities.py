"""Which account at the sign-in provider is the reader's own (`castmind.identities`).

ProviderSignIn.finish ─▶ consent ─▶ link, with the password ─▶ a row ─▶ the next sign-in finds the user by it
"""

from __future__ import annotations

import time
from collections.abc import Callable

from core.domain.accounts.actor import Actor
from core.domain.accounts.identity import Identity
from core.errors import Conflict
from core.services.accounts.accounts import Accounts
from core.services.accounts.provider_sign_in import ProviderSignIn
from core.store.accounts import user_identities, users
from core.store.db.database import Store
from core.store.db.sqlite import Database


class Identities:
    """Thread-safe."""

    def __init__(
        self, store: Store, accounts: Accounts, sign_in: ProviderSignIn, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._sign_in = sign_in
        self._clock = clock

    def own(self, actor: Actor) -> list[Identity]:
        """Return the actor's accounts at providers."""
        return user_identities.of_user(self._store.read(), actor.user_id)

    def of(self, actor: Actor, user_id: int) -> list[Identity]:
        """Return another user's accounts at providers."""
        return user_identities.of_user(self._store.read(), user_id)

    def link(self, actor: Actor, link: str, password: str) -> None:
        """Link the account that a round trip has proven, in place of the one before.

        Raises SignInFailed for a wrong password or a round trip of another session, TooManyAttempts, and Conflict if the account
        is linked to another user.
        """
        identity = self._sign_in.consented(link, actor.session_id)
        self._accounts.prove(actor, password)

        def change(db: Database) -> None:
            holder = user_identities.user_of(db, identity)
            if holder not in (None, actor.user_id):
                raise Conflict("That account is linked to another user. Nothing was changed.", case="identity_taken")
            user_identities.link(db, actor.user_id, identity, now=self._clock())

        self._store.write(change)

    def unlink(self, actor: Actor) -> None:
        """Forget the actor's accounts at providers. Raises Conflict for a user without a password: none could come in."""
        self._unlink(actor.user_id)

    def unlink_of(self, actor: Actor, user_id: int) -> None:
        """Forget another user's accounts at providers. Raises NotFound, and Conflict for a user without a password."""
        self._unlink(user_id)

    def _unlink(self, user_id: int) -> None:
        def change(db: Database) -> None:
            if not users.get(db, user_id).password:
                raise Conflict("Without a password, nobody could sign in as this user. Set one first.", case="no_other_way_in")
            user_identities.unlink(db, user_id)

        self._store.write(change)

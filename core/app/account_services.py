"""The services of accounts: who comes in, and what they may do. Their place in the table of all is core/app/services.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.access.openid.provider import OpenIdProvider
from core.services.accounts.accounts import Accounts
from core.services.accounts.audit import Audit
from core.services.accounts.front_door import FrontDoor
from core.services.accounts.identities import Identities
from core.services.accounts.provider_sign_in import ProviderSignIn
from core.services.accounts.sessions import Sessions
from core.services.accounts.sign_in import SignIn
from core.services.settings.user_preferences import UserPreferences
from core.settings import in_container

if TYPE_CHECKING:
    from core.app import CastMind


class AccountParts:
    """The services of accounts by the names of their modules."""

    audit: Audit
    front_door: FrontDoor
    sessions: Sessions
    sign_in: SignIn
    accounts: Accounts
    provider_sign_in: ProviderSignIn
    identities: Identities
    user_preferences: UserPreferences


ACCOUNT_SERVICES: tuple[tuple[str, Callable[[CastMind], object]], ...] = (
    ("audit", lambda app: Audit(app._store, app.events.publish)),
    ("front_door", lambda app: FrontDoor(app._store, app.settings, container=in_container())),
    ("sessions", lambda app: Sessions(app._store)),
    ("sign_in", lambda app: SignIn(app._store, app.front_door, app.sessions, app.audit)),
    ("accounts", lambda app: Accounts(app._store, app.front_door)),
    (
        "provider_sign_in",
        lambda app: ProviderSignIn(
            app._store,
            app.settings,
            OpenIdProvider(lambda: app.settings.values.allowed_private_hosts),
            app.sign_in,
            app.audit,
        ),
    ),
    ("identities", lambda app: Identities(app._store, app.accounts, app.provider_sign_in)),
    ("user_preferences", lambda app: UserPreferences(app._store)),
)

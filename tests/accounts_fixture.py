"""Accounts for tests: the real services over a real store, with argon2 at its least work and a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyotp
from argon2 import PasswordHasher

from core import settings
from core.access.openid.provider import OpenIdProvider
from core.access.passwords import Passwords
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.audit import AuditEntry
from core.domain.accounts.role import Role
from core.domain.accounts.user import User
from core.domain.accounts.visit import Visit
from core.events import Audited, Event, SessionsEnded, SignedIn
from core.services.accounts.accounts import Accounts
from core.services.accounts.audit import Audit
from core.services.accounts.front_door import FrontDoor
from core.services.accounts.identities import Identities
from core.services.accounts.provider_sign_in import ProviderSignIn
from core.services.accounts.sessions import Sessions
from core.services.accounts.sign_in import SignIn
from core.services.settings.settings_service import SettingsService
from core.store.accounts import audit_log
from core.store.db.database import Store
from tests.new_database import new_database

PASSWORD = "correct horse battery"
OTHER = "staple of the second user"
HOME = Visit("192.168.1.20", "Firefox of a test")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Counting(Passwords):
    """Notes of each verification whether there was a hash to compare with."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.verified: list[bool] = []

    def verify(self, stored: str | None, password: str) -> bool:
        self.verified.append(stored is not None)
        return super().verify(stored, password)


class Household:
    """The services of accounts, as core/app makes them. Nobody has a password before `settle_in`."""

    def __init__(self, folder: Path, *, container: bool = False, **environ: str) -> None:
        self.now = 1_700_000_000.0
        self.heard: list[Event] = []
        self.store = Store(new_database(folder))
        self.store.events.listen("test", self.heard.append, SessionsEnded, SignedIn)
        self.store.open()
        saved = {f"CASTMIND_{name}": value for name, value in environ.items()}
        self.settings = SettingsService(settings.load({}, environ=saved), self.store, environ=saved)
        self.passwords = Counting()
        self.audit = Audit(self.store, self._write_down)
        self.door = FrontDoor(self.store, self.settings, container=container)
        self.door.read_saved()
        self.sessions = Sessions(self.store, clock=lambda: self.now)
        self.sign_in = SignIn(self.store, self.door, self.sessions, self.audit, passwords=self.passwords, clock=lambda: self.now)
        self.accounts = Accounts(self.store, self.door, passwords=self.passwords, clock=lambda: self.now)
        # A provider dates its tokens now.
        self.openid = OpenIdProvider(lambda: ("127.0.0.1",))
        self.provider_sign_in = ProviderSignIn(
            self.store, self.settings, self.openid, self.sign_in, self.audit, clock=lambda: self.now
        )
        self.identities = Identities(self.store, self.accounts, self.provider_sign_in, clock=lambda: self.now)

    def close(self) -> None:
        self.openid.close()
        self.store.close()

    def settle_in(self) -> str:
        """Set the first password by the code from the log; return the token of the owner's session."""
        return self.sign_in.set_up(self.door.set_up_code(), "Anna", PASSWORD, HOME)

    def add(self, name: str = "Ben", role: Role = Role.VIEWER) -> User:
        return self.accounts.add(OWNER, name, role, OTHER)

    def enter(self, name: str, password: str = OTHER, visit: Visit = HOME) -> tuple[str, Actor]:
        """Sign in without a second factor; return the token of the session and its actor."""
        token, whole = self.sign_in.begin(name, password, visit)
        assert whole
        actor = self.sessions.who(token, visit)
        assert actor
        return token, actor

    def turn_totp_on(self, actor: Actor) -> str:
        """Turn the second factor on; return its secret."""
        secret, _ = self.accounts.begin_totp(actor)
        self.accounts.confirm_totp(actor, self.code(secret))
        return secret

    def code(self, secret: str, *, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(int(self.now) + 30 * steps)

    def ended(self) -> list[tuple[int, ...]]:
        """Return the sessions that were told to have ended, event by event."""
        assert self.store.events.settle()
        return [event.sessions for event in self.heard if isinstance(event, SessionsEnded)]

    def entries(self) -> list[AuditEntry]:
        """Return the audit log, the oldest entry first."""
        return audit_log.page(self.store.read())[::-1]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.store.read().execute(f"SELECT * FROM {table}")]

    def _write_down(self, event: Event) -> None:
        assert isinstance(event, Audited)
        self.audit.write(event)

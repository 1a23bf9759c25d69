"""What a request without a session meets, and the code for the first password (`castmind.front_door`).

settings, the address that the server listens at, whether anybody has a password ─▶ open | sign in | set up
                                            no password, not open ─▶ a one-time code in the log ─▶ the set-up page
"""

from __future__ import annotations

import threading

from core.access import random_tokens
from core.access.throttle import Throttle
from core.domain.accounts.door import Door, OpenWithoutLogin, door
from core.domain.exposure import Exposure, exposure
from core.errors import SetUpCodeWrong
from core.settings import InForce
from core.store.accounts import users
from core.store.db.database import Store


class FrontDoor:
    """Thread-safe. `container`: whether the server runs in one; the address that it listens at then says nothing."""

    def __init__(self, store: Store, settings: InForce, *, container: bool, throttle: Throttle | None = None) -> None:
        self._store = store
        self._settings = settings
        self._throttle = throttle or Throttle()
        self._guard = threading.Lock()
        self._listening: str | None = None
        self._any_password = False
        self._code = ""
        self._passes: set[str] = set()
        self.container = container

    def read_saved(self) -> None:
        """Look whether anybody has a password: once the store is open, and after each change."""
        self._any_password = users.any_password(self._store.read())

    def listen_at(self, host: str) -> None:
        """Note the address that the server really listens at, which the command line may have changed."""
        self._listening = host

    @property
    def exposure(self) -> Exposure:
        values = self._settings.values
        host = values.host if self._listening is None else self._listening
        return exposure(host, published=values.published, container=self.container)

    @property
    def needs_password(self) -> bool:
        """Whether anybody has a password, so that requests need a session."""
        return self._any_password

    @property
    def rule(self) -> OpenWithoutLogin:
        values = self._settings.values
        return "anyone" if values.open_to_network else values.open_without_login

    def door(self, *, near: bool) -> Door:
        """Return what a request without a session meets; `near`: it comes from this computer itself."""
        return door(password=self._any_password, rule=self.rule, exposure=self.exposure, near=near)

    @property
    def waits_for_set_up(self) -> bool:
        """Whether somebody meets the set-up page, even if this computer's own browser does not."""
        return not self._any_password and (self.rule == "nobody" or (self.rule == "loopback" and self.exposure != "local"))

    def set_up_code(self) -> str:
        """Return the one-time code for the first password; it is made at the first call, and used up by `set_up`."""
        with self._guard:
            if not self._code:
                self._code = random_tokens.set_up_code()
            return self._code

    def check_code(self, code: str, address: str) -> None:
        """Compare a typed code. Raises SetUpCodeWrong, and TooManyAttempts for an address that tries too often."""
        self._throttle.attempt(address, "set-up")
        if not random_tokens.same_code(code, self.set_up_code()):
            raise SetUpCodeWrong()

    def let_in(self, code: str, address: str) -> str:
        """Return a pass for a right code, for the time in which there is no library. Raises SetUpCodeWrong, TooManyAttempts."""
        self.check_code(code, address)
        made = random_tokens.session()
        with self._guard:
            self._passes.add(made)
        return made

    def has_pass(self, token: str) -> bool:
        with self._guard:
            return token in self._passes

    def use_up_code(self) -> None:
        """Forget the code: the next one is another."""
        with self._guard:
            self._code = ""

"""Setting the first password, signing in and out (`castmind.sign_in`).

    no password yet ─▶ set_up(code from the log, name, password) ─▶ a session
    begin(name, password) ─┬─ no second factor ─▶ a session
                           └─ one ─▶ a ticket ─▶ second(ticket, code) ─▶ a session

An unknown name takes the same time as a wrong password and ends in the same error. Each sign-in makes a new token, so that one
that was planted in a browser before is worth nothing after it.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.access import password_rules, totp
from core.access.passwords import Passwords
from core.access.throttle import Throttle
from core.domain.accounts.actor import OWNER
from core.domain.accounts.audit import AuditEntry, Outcome
from core.domain.accounts.user import key_of, name_of
from core.domain.accounts.visit import Visit
from core.errors import AccessLost, Conflict, SetUpCodeWrong, SignInFailed
from core.events import SessionsEnded
from core.services.accounts.audit import Audit
from core.services.accounts.front_door import FrontDoor
from core.services.accounts.sessions import Sessions
from core.store.accounts import users
from core.store.accounts.users import Credentials
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault

log = logging.getLogger(__name__)

TICKET_SECONDS = 300.0
TICKET_TRIES = 5
MOST_TICKETS = 1_000


@dataclass(slots=True)
class _Ticket:
    """A right password that waits for its second factor."""

    found: Credentials
    ends_at: float
    tries: int = 0


class SignIn:
    """Thread-safe."""

    def __init__(
        self,
        store: Store,
        door: FrontDoor,
        opened: Sessions,
        audit: Audit,
        *,
        passwords: Passwords | None = None,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._door = door
        self._sessions = opened
        self._audit = audit
        self._passwords = passwords or Passwords()
        self._throttle = throttle or Throttle()
        self._clock = clock
        self._vault = Vault.beside(store.path)
        self._guard = threading.Lock()
        self._tickets: dict[str, _Ticket] = {}

    def set_up(self, code: str, name: str, password: str, visit: Visit) -> str:
        """Set the owner's name and first password; return the token of a session.

        Raises SetUpCodeWrong, TooManyAttempts, UserError, and Conflict if somebody has a password already.
        """
        try:
            self._door.check_code(code, visit.address)
        except SetUpCodeWrong:
            self._note(None, "", "set_up", "refused", visit)
            raise
        chosen = name_of(name)
        password_rules.check(password, chosen)
        hashed = self._passwords.hash(password)

        def change(db: Database) -> None:
            if users.any_password(db):
                raise Conflict("A password is set already. Sign in.", case="set_up_over")
            users.rename(db, OWNER.user_id, chosen)
            users.set_password(db, OWNER.user_id, hashed)

        self._store.write(change)
        self._door.use_up_code()
        self._door.read_saved()
        # Pages that were open without a login belong to nobody now.
        self._store.events.publish(SessionsEnded(sessions=()))
        self._note(OWNER.user_id, chosen, "set_up", "done", visit)
        return self._begin(users.credentials_of(self._store.read(), OWNER.user_id), visit)

    def begin(self, name: str, password: str, visit: Visit) -> tuple[str, bool]:
        """Return the token of a session and True, or a ticket for `second` and False.

        Raises SignInFailed (the same for an unknown name and a wrong password), TooManyAttempts, SignInBusy.
        """
        key = key_of(name)[:100]
        self._throttle.attempt(visit.address, key)
        found = users.credentials(self._store.read(), name)
        right = self._passwords.verify(found.password if found else None, password)
        if found is None or not right:
            self._note(found.user_id if found else None, found.name if found else "", "sign_in", "refused", visit)
            raise SignInFailed()
        if found.password and self._passwords.outdated(found.password):
            found = self._renewed(found, self._passwords.hash(password))
        self._throttle.succeeded(visit.address, key)
        return self.enter(found, visit)

    def enter(self, found: Credentials, visit: Visit) -> tuple[str, bool]:
        """Let somebody in whose first factor is proven: return the token of a session and True, or a ticket and False."""
        if found.totp is None:
            return self._begin(found, visit), True
        return self._new_ticket(found), False

    def second(self, ticket: str, code: str, visit: Visit) -> str:
        """Return the token of a session for a ticket and a code of the authenticator app.

        Raises SignInFailed, TooManyAttempts.
        """
        found = self._holder_of(ticket)
        self._throttle.attempt(visit.address, f"second:{found.user_id}")
        if not self._right_code(found, code):
            self._note(found.user_id, found.name, "sign_in.second_factor", "refused", visit)
            raise SignInFailed("That code is not right. Codes change every 30 seconds, and each is good once.", case="code")
        with self._guard:
            self._tickets.pop(ticket, None)
        self._throttle.succeeded(visit.address, f"second:{found.user_id}")
        return self._begin(found, visit)

    def sign_out(self, token: str, visit: Visit) -> None:
        """End the session of a token; without one, do nothing."""
        holder = self._sessions.end(token)
        if holder is not None:
            self._note(holder.user_id, holder.name, "sign_out", "done", visit)

    # --- inside -----------------------------------------------------------------------------------

    def _begin(self, found: Credentials, visit: Visit) -> str:
        token = self._sessions.begin(found, visit)
        self._note(found.user_id, found.name, "sign_in", "done", visit)
        return token

    def _renewed(self, found: Credentials, hashed: str) -> Credentials:
        """Store the same password's new hash, unless another password was set meanwhile."""
        done = self._store.write(lambda db: users.replace_password(db, found.user_id, found.password, hashed))
        return replace(found, password=hashed) if done else found

    def _new_ticket(self, found: Credentials) -> str:
        ticket = secrets.token_urlsafe(32)
        now = self._clock()
        with self._guard:
            self._tickets = {name: each for name, each in self._tickets.items() if each.ends_at > now}
            while len(self._tickets) >= MOST_TICKETS:
                self._tickets.pop(next(iter(self._tickets)))
            self._tickets[ticket] = _Ticket(found, now + TICKET_SECONDS)
        return ticket

    def _holder_of(self, ticket: str) -> Credentials:
        with self._guard:
            found = self._tickets.get(ticket)
            if found is None or found.ends_at <= self._clock() or found.tries >= TICKET_TRIES:
                self._tickets.pop(ticket, None)
                raise SignInFailed("The sign-in took too long. Begin again with your password.", case="ticket")
            found.tries += 1
        return replace(found.found, totp_step=users.credentials_of(self._store.read(), found.found.user_id).totp_step)

    def _right_code(self, found: Credentials, code: str) -> bool:
        if found.totp is None:
            return False
        try:
            secret = self._vault.open(found.totp)
        except AccessLost:
            log.exception("the second factor of user %s cannot be read; `python -m core password` turns it off", found.user_id)
            return False
        step = totp.step_of(secret, code, now=self._clock(), after=found.totp_step)
        return step is not None and self._store.write(lambda db: users.use_step(db, found.user_id, step))

    def _note(self, user_id: int | None, name: str, action: str, outcome: Outcome, visit: Visit) -> None:
        self._audit.note(AuditEntry(self._clock(), user_id, name, "session", action, "", outcome, visit.address))

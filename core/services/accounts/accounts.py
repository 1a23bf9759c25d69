"""Users, their passwords, second factors, sessions and API tokens (`castmind.accounts`).

    admin ─▶ add, change (name, role, disabled), reset_password, delete       never the last admin who can sign in
    anyone, about themselves ─▶ change_own_password, totp, sessions, tokens

What takes power away (another role or password, a revoked session) ends the sessions that had it, and their open pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from core.access import password_rules, random_tokens, totp
from core.access.passwords import Passwords
from core.access.throttle import Throttle
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.user import ApiToken, BrowserSession, User, name_of
from core.errors import Conflict, LastAdmin, NotAllowed, NotFound, SignInFailed, UserError
from core.events import SessionsEnded
from core.services.accounts.front_door import FrontDoor
from core.store.accounts import api_tokens, sessions, users
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault

MOST_USERS = 200
MOST_TOKENS = 50
LONGEST_TOKEN_NAME = 80
DAY = 86_400.0
TOTP_MINUTES = 10.0


class Accounts:
    """Thread-safe."""

    def __init__(
        self,
        store: Store,
        door: FrontDoor,
        *,
        passwords: Passwords | None = None,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._door = door
        self._passwords = passwords or Passwords()
        self._throttle = throttle or Throttle()
        self._clock = clock
        self._vault = Vault.beside(store.path)
        # By user: a second factor that is not confirmed yet, and when it is forgotten.
        self._offered: dict[int, tuple[str, float]] = {}

    # --- users ------------------------------------------------------------------------------------

    def me(self, actor: Actor) -> User:
        """Return the user who asks. Raises NotFound."""
        return users.get(self._store.read(), actor.user_id)

    def listing(self, actor: Actor) -> list[User]:
        """Return all users in the order of their creation."""
        return users.every(self._store.read())

    def add(self, actor: Actor, name: str, role: Role, password: str) -> User:
        """Add a user. Raises UserError, UserNameTaken, and Conflict while nobody has a password, or with too many users."""
        chosen = name_of(name)
        password_rules.check(password, chosen)
        if not self._door.needs_password:
            raise Conflict("Set a password for yourself first. Nothing was changed.", case="own_password_first")
        hashed = self._passwords.hash(password)

        def change(db: Database) -> int:
            if len(users.every(db)) >= MOST_USERS:
                raise Conflict(f"There are {MOST_USERS} users, as many as there may be.", case="too_many_users")
            return users.add(db, chosen, role, password=hashed, now=self._clock())

        return users.get(self._store.read(), self._store.write(change))

    def change(
        self, actor: Actor, user_id: int, *, name: str | None = None, role: Role | None = None, disabled: bool | None = None
    ) -> User:
        """Change a user's name, role, or whether they may sign in. Raises NotFound, UserError, UserNameTaken, LastAdmin."""
        chosen = None if name is None else name_of(name)

        def change(db: Database) -> list[int]:
            before = users.get(db, user_id)
            if chosen is not None:
                users.rename(db, user_id, chosen)
            if role is not None:
                users.set_role(db, user_id, role)
            if disabled is not None:
                users.set_disabled(db, user_id, disabled, now=self._clock())
            self._keep_an_admin(db, before)
            less = (role is not None and role < before.role) or disabled is True
            return sessions.revoke_all(db, user_id) if less else []

        self._ended(self._store.write(change))
        self._door.read_saved()
        return users.get(self._store.read(), user_id)

    def reset_password(self, actor: Actor, user_id: int, password: str) -> None:
        """Set another user's password, without second factor and sessions. Raises NotFound, UserError, NotAllowed."""
        self._not_own(actor, user_id, "session", "token")
        password_rules.check(password, users.get(self._store.read(), user_id).name)
        hashed = self._passwords.hash(password)

        def change(db: Database) -> list[int]:
            users.set_password(db, user_id, hashed)
            users.set_totp(db, user_id, None)
            return sessions.revoke_all(db, user_id, but=actor.session_id or None)

        self._ended(self._store.write(change))
        self._door.read_saved()

    def delete(self, actor: Actor, user_id: int) -> None:
        """Delete a user with their marks and choices. Raises NotFound, LastAdmin, and Conflict for the first user.

        The first user owns what the command line and, without a login, everybody does; it can be disabled instead.
        """

        def change(db: Database) -> list[int]:
            before = users.get(db, user_id)
            if user_id == OWNER.user_id:
                raise Conflict("The first user cannot be deleted. Disable it instead; nothing was changed.", case="first_user")
            ended = sessions.revoke_all(db, user_id)
            users.delete(db, user_id)
            self._keep_an_admin(db, before)
            return ended

        self._ended(self._store.write(change))
        self._door.read_saved()

    def open_again(self, actor: Actor) -> None:
        """Take the password away, so that this computer's browser opens CastMind without a login.

        Raises Conflict if other computers reach it, or other users have passwords.
        """
        self._not_own(actor, actor.user_id, "token")
        if self._door.exposure != "local":
            raise Conflict("Other computers reach CastMind, so it keeps its login. Nothing was changed.", case="exposed")

        def change(db: Database) -> None:
            if any(user.password for user in users.every(db) if user.id != OWNER.user_id):
                raise Conflict("Other users have passwords. Delete them first; nothing was changed.", case="other_users")
            users.set_password(db, OWNER.user_id, None)
            users.set_totp(db, OWNER.user_id, None)
            sessions.clear(db)

        self._store.write(change)
        self._door.read_saved()
        self._store.events.publish(SessionsEnded(sessions=()))

    # --- oneself ----------------------------------------------------------------------------------

    def change_own_password(self, actor: Actor, present: str, new: str) -> None:
        """Change the actor's password and end their other sessions; without a present one, set the first.

        Raises SignInFailed for a wrong present password, UserError for a new one that is refused, TooManyAttempts.
        """
        found = users.credentials_of(self._store.read(), actor.user_id)
        if found.password is not None:
            self._prove(actor, found.password, present)
        password_rules.check(new, found.name)
        hashed = self._passwords.hash(new)

        def change(db: Database) -> list[int]:
            if not users.replace_password(db, actor.user_id, found.password, hashed):
                raise SignInFailed("That is not your present password. Nothing was changed.", case="present_password")
            return sessions.revoke_all(db, actor.user_id, but=actor.session_id or None)

        self._ended(self._store.write(change))
        self._door.read_saved()
        if found.password is None:
            # Pages that were open without a login belong to nobody now.
            self._store.events.publish(SessionsEnded(sessions=()))

    def begin_totp(self, actor: Actor) -> tuple[str, str]:
        """Return a new secret for `confirm_totp`, and its QR code as SVG. Raises Conflict without a password, or with one on."""
        user = users.get(self._store.read(), actor.user_id)
        if not user.password:
            raise Conflict("Set a password for yourself first. Nothing was changed.", case="own_password_first")
        if user.totp:
            raise Conflict("A second factor is on. Nothing was changed; turn it off first.", case="totp_on")
        secret = totp.new_secret()
        self._offered[actor.user_id] = (secret, self._clock() + TOTP_MINUTES * 60)
        return secret, totp.picture(secret, user.name)

    def confirm_totp(self, actor: Actor, code: str) -> None:
        """Turn the second factor on, proven by a code of the app. Raises SignInFailed, Conflict, TooManyAttempts."""
        secret, until = self._offered.get(actor.user_id, ("", 0.0))
        if until < self._clock():
            raise Conflict("The QR code is too old. Ask for a new one; nothing was changed.", case="totp_old")
        self._throttle.attempt(actor.address, f"totp:{actor.user_id}")
        step = totp.step_of(secret, code, now=self._clock(), after=0)
        if step is None:
            raise SignInFailed("That code is not right. Codes change every 30 seconds.", case="code")
        sealed = self._vault.seal(secret)

        def change(db: Database) -> None:
            users.set_totp(db, actor.user_id, sealed)
            users.use_step(db, actor.user_id, step)

        self._store.write(change)
        self._offered.pop(actor.user_id, None)

    def end_totp(self, actor: Actor, password: str) -> None:
        """Turn the actor's second factor off. Raises SignInFailed, TooManyAttempts."""
        self.prove(actor, password)
        self._store.write(lambda db: users.set_totp(db, actor.user_id, None))

    def own_sessions(self, actor: Actor) -> list[BrowserSession]:
        """Return the actor's open sessions, the last used one first."""
        return sessions.of_user(self._store.read(), actor.user_id, now=self._clock())

    def revoke_session(self, actor: Actor, session_id: int) -> None:
        """End one of the actor's sessions. Raises NotFound, also for a session of somebody else."""
        if not self._store.write(lambda db: sessions.revoke(db, actor.user_id, session_id)):
            raise NotFound(f"You have no session {session_id}.")
        self._ended([session_id])

    def revoke_other_sessions(self, actor: Actor) -> int:
        """End all of the actor's sessions but the present one; return how many."""
        ended = self._store.write(lambda db: sessions.revoke_all(db, actor.user_id, but=actor.session_id or None))
        self._ended(ended)
        return len(ended)

    def sessions_of(self, actor: Actor, user_id: int) -> list[BrowserSession]:
        """Return another user's open sessions."""
        return sessions.of_user(self._store.read(), user_id, now=self._clock())

    def revoke_sessions_of(self, actor: Actor, user_id: int) -> int:
        """End all sessions of a user; return how many."""
        self._not_own(actor, user_id, "token")
        ended = self._store.write(lambda db: sessions.revoke_all(db, user_id))
        self._ended(ended)
        return len(ended)

    # --- API tokens -------------------------------------------------------------------------------

    def own_tokens(self, actor: Actor) -> list[ApiToken]:
        """Return the actor's tokens, the newest first."""
        return api_tokens.of_user(self._store.read(), actor.user_id)

    def add_token(self, actor: Actor, name: str, scope: TokenScope, *, days: float | None) -> tuple[str, ApiToken]:
        """Make a token; return its secret, which is never shown again, and its row. `days`: until it ends, None for never.

        Raises UserError for an unusable name or time, NotAllowed for a scope beyond the actor's role, Conflict for too many.
        """
        title = " ".join(name.split())
        if not title or len(title) > LONGEST_TOKEN_NAME or not title.isprintable():
            raise UserError(f"A token has a name of 1 to {LONGEST_TOKEN_NAME} characters.", case="token_name")
        if days is not None and not 0 < days <= 3650:
            raise UserError("A token lasts up to ten years. Nothing was made.", case="token_days")
        if scope.value > actor.role.value:
            raise NotAllowed("A token may do no more than you. Nothing was made; choose a narrower scope.", case="token_scope")
        secret, now = random_tokens.api(), self._clock()
        ends = None if days is None else now + days * DAY
        made = ApiToken(0, actor.user_id, title, secret[-4:], scope, now, None, ends)

        def change(db: Database) -> int:
            if api_tokens.count(db, actor.user_id) >= MOST_TOKENS:
                raise Conflict(f"You have {MOST_TOKENS} tokens, as many as there may be. Revoke one.", case="too_many_tokens")
            return api_tokens.add(db, made, random_tokens.digest(secret))

        number = self._store.write(change)
        return secret, next(each for each in self.own_tokens(actor) if each.id == number)

    def revoke_token(self, actor: Actor, token_id: int) -> None:
        """Delete one of the actor's tokens. Raises NotFound, also for a token of somebody else."""
        if not self._store.write(lambda db: api_tokens.revoke(db, actor.user_id, token_id)):
            raise NotFound(f"You have no token {token_id}.")

    def prove(self, actor: Actor, password: str) -> None:
        """Check that the actor knows their password. Raises SignInFailed, TooManyAttempts."""
        self._prove(actor, users.credentials_of(self._store.read(), actor.user_id).password, password)

    # --- inside -----------------------------------------------------------------------------------

    def _prove(self, actor: Actor, stored: str | None, password: str) -> None:
        self._throttle.attempt(actor.address, f"password:{actor.user_id}")
        if not self._passwords.verify(stored, password):
            raise SignInFailed("That is not your present password. Nothing was changed.", case="present_password")
        self._throttle.succeeded(actor.address, f"password:{actor.user_id}")

    def _not_own(self, actor: Actor, user_id: int, *hows: str) -> None:
        """Refuse to change one's own account by the right over those of others, which asks for no present password."""
        if actor.user_id == user_id and actor.how in hows:
            raise NotAllowed("This is your own account: change it as yourself, in the settings.", case="own_account")

    def _keep_an_admin(self, db: Database, before: User) -> None:
        """Refuse a change after which no admin could sign in; the transaction is rolled back."""
        if before.role is Role.ADMIN and before.password and not users.admins(db):
            raise LastAdmin()

    def _ended(self, ended: Sequence[int]) -> None:
        if ended:
            self._store.events.publish(SessionsEnded(sessions=tuple(ended)))

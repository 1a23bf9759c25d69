"""Sessions of browsers and tokens of programs: who a request is (`castmind.sessions`).

    begin(user, visit) ─▶ a random token in a cookie, its digest in a row ─▶ who(token) ─▶ Actor, or None
    a token of a header ─▶ who_bears(token) ─▶ Actor with the narrower of the user's role and the token's scope, or None

Each request reads the row, so that a revoked session ends at once. A session ends IDLE_DAYS after its last use, at the latest
LONGEST_DAYS after it began.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from core.access import random_tokens
from core.domain.accounts import user_agent
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role
from core.domain.accounts.visit import Visit
from core.errors import CastMindError, Restoring, SignInFailed
from core.events import SessionsEnded, SignedIn
from core.store.accounts import api_tokens, sessions, users
from core.store.accounts.sessions import Holder
from core.store.accounts.users import Credentials
from core.store.db.database import Store
from core.store.db.sqlite import Database

log = logging.getLogger(__name__)

DAY = 86_400.0
IDLE_DAYS = 30.0
LONGEST_DAYS = 180.0
# A use of a session or a token is written down at most this often.
TOUCH_SECONDS = 60.0
LONGEST_AGENT = 200
MOST_REMEMBERED = 500


class Sessions:
    """Thread-safe."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._local = random_tokens.session()
        self._guard = threading.Lock()
        self._last: dict[str, Holder] = {}

    def who(self, token: str, visit: Visit | None = None) -> Actor | None:
        """Return the actor of a session; None if there is no such session, or it has ended. A `visit` counts as a use.

        While the library is closed for a restore, the last answer counts, so that its progress can be seen.
        """
        now, digest = self._clock(), random_tokens.digest(token)
        try:
            found = sessions.holder(self._store.read(), digest, now=now)
        except Restoring:
            found = self._last.get(digest)
        else:
            self._remember(digest, found)
            if found and visit and now - found.seen_at > TOUCH_SECONDS:
                self._touch(found.session_id, now, visit)
        if found is None:
            return None
        address = visit.address if visit else ""
        return Actor(found.user_id, role=found.role, how="session", address=address, session_id=found.session_id)

    def who_bears(self, token: str, visit: Visit) -> Actor | None:
        """Return the actor of an API token, whose role its scope bounds; None for an unknown, revoked or ended one."""
        if hmac.compare_digest(random_tokens.digest(token), random_tokens.digest(self._local)):
            return replace(OWNER, how="console")
        now = self._clock()
        found = api_tokens.bearer(self._store.read(), random_tokens.digest(token), now=now)
        if found is None:
            return None
        if found.used_at is None or now - found.used_at > TOUCH_SECONDS:
            self._note_use("a token", lambda db: api_tokens.touch(db, found.token_id, now=now))
        role = min(found.role, Role(found.scope.value))
        return Actor(found.user_id, role=role, how="token", address=visit.address)

    def local_token(self) -> str:
        """Return the token with which commands on this computer, which can read the data folder, act as the owner."""
        return self._local

    # --- beginning and ending ---------------------------------------------------------------------

    def begin(self, found: Credentials, visit: Visit) -> str:
        """Begin a session of a user who has proven to be it; return its token.

        Raises SignInFailed if the password or the second factor changed, or the user was disabled, after they were proven.
        """
        token, now = random_tokens.session(), self._clock()
        agent = visit.agent[:LONGEST_AGENT]
        times = {"now": now, "ends_at": now + IDLE_DAYS * DAY}
        digest = random_tokens.digest(token)

        def change(db: Database) -> None:
            if not users.still(db, found):
                raise SignInFailed()
            sessions.add(db, digest, found.user_id, **times, address=visit.address, agent=agent)

        self._store.write(change)
        self._store.events.publish(
            SignedIn(user_id=found.user_id, address=visit.address, browser=user_agent.name_of(visit.agent))
        )
        return token

    def end(self, token: str) -> Holder | None:
        """End the session of a token; return whose it was, or None if there is none."""
        holder = sessions.holder(self._store.read(), random_tokens.digest(token), now=self._clock())
        if holder is None:
            return None
        self._store.write(lambda db: sessions.revoke(db, holder.user_id, holder.session_id))
        self._store.events.publish(SessionsEnded(sessions=(holder.session_id,)))
        return holder

    def end_all(self) -> None:
        """End the sessions of everybody: after another library took the place of this one."""
        ended = self._store.write(sessions.clear)
        with self._guard:
            self._last.clear()
        if ended:
            self._store.events.publish(SessionsEnded(sessions=()))

    def forget(self, ended: Collection[int]) -> None:
        """Keep no answer for sessions that were revoked, which a restore would bring back; none named: for nobody's."""
        with self._guard:
            self._last = {name: each for name, each in self._last.items() if ended and each.session_id not in ended}

    def step(self) -> None:
        """Delete sessions that have ended."""
        self._store.write(lambda db: sessions.prune(db, now=self._clock()))

    # --- inside -----------------------------------------------------------------------------------

    def _remember(self, digest: str, found: Holder | None) -> None:
        with self._guard:
            self._last.pop(digest, None)
            if found is not None:
                self._last[digest] = found
            if len(self._last) > MOST_REMEMBERED:
                del self._last[next(iter(self._last))]

    def _touch(self, session_id: int, now: float, visit: Visit) -> None:
        def change(db: Database) -> None:
            began = sessions.created_at(db, session_id)
            if began is not None:
                ends = min(began + LONGEST_DAYS * DAY, now + IDLE_DAYS * DAY)
                sessions.touch(db, session_id, now=now, ends_at=ends, address=visit.address)

        self._note_use("a session", change)

    def _note_use(self, of: str, change: Callable[[Database], None]) -> None:
        try:
            self._store.write(change)
        except CastMindError as error:
            # A full disk or a held database must not sign anybody out.
            log.warning("the use of %s could not be written down: %s", of, error.detail)

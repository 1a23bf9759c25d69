"""The actor of a request. Each call of a service passes the actor; personal rows are read and written for that user."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.accounts.audit import How
from core.domain.accounts.role import Role

IN_SCOPE = "castmind.actor"
"""The key of a request's ASGI scope under which the gate puts the actor; None there is nobody."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user and their browser. `user_id` is the row in `users`; `browser` is the name in its cookie, "" if there is none.

    `role` is what this request may do: that of the user, or less for an API token with a narrower scope. An actor without a
    named role may only read. `how` says by what the request was let in, `address` is the client's, `session_id` is 0 without a
    session: they are for the audit log, and make no other actor.
    """

    user_id: int
    browser: str = ""
    role: Role = Role.VIEWER
    how: How = field(default="system", compare=False)
    address: str = field(default="", compare=False)
    session_id: int = field(default=0, compare=False)


OWNER = Actor(1, role=Role.ADMIN)
"""The first user, who is created with the library. The command line acts as the owner, and so does everybody while no login is
required (core/domain/accounts/door.py)."""

SYSTEM = Actor(0, role=Role.ADMIN)
"""CastMind itself: schedules, recovery after a crash, files from the inbox. It has no personal rows."""

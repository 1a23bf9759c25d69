"""The actor of a request. Each call of a service passes the actor; personal rows are read and written for that user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A user and their browser. `user_id` is the row in `users`; `browser` is the name in its cookie, "" if there is none."""

    user_id: int
    browser: str = ""


OWNER = Actor(1)
"""The first user, and the only one until others are added. The command line and API clients act as the owner."""

SYSTEM = Actor(0)
"""CastMind itself: schedules, recovery after a crash, files from the inbox. It has no personal rows."""

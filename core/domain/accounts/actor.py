"""Who asks. Every call of a service names the actor that it is made for; personal rows are read and written in that name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person. `user_id` is their row in `users`; `browser` names the browser that they ask from, "" where there is none."""

    user_id: int
    browser: str = ""


OWNER = Actor(1)
"""The one user of a library that nobody has added others to: the command line and programs act as the owner."""

SYSTEM = Actor(0)
"""CastMind itself: schedules, recovery after a crash, files that were dropped into the inbox. It has no marks of its own."""

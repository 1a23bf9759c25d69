"""Look for damage of the database each night, and name the newest backup that can replace it.

step(now): the hour of the night, or two days without a look ─▶ quick_check, ten minutes at most ─▶ whole │ damaged
damaged ─▶ the log, /health and the status page; nothing is changed: a restore keeps the damaged file aside
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

HOUR = 3600.0
# Not twice in a night; and by day where the computer is off at night.
LEAST_HOURS, MOST_HOURS = 20.0, 48.0


@dataclass(frozen=True, slots=True)
class Integrity:
    """The last finding. `at` in Unix seconds; `problems` in SQLite's words, empty if the database is whole."""

    at: float
    problems: tuple[str, ...] = ()


class NightlyCheck:
    """`check()` returns the problems, None if it could not be finished; `hour` is the hour of the night, in local time."""

    def __init__(self, check: Callable[[], list[str] | None], hour: Callable[[], int], *, began: float) -> None:
        self._check = check
        self._hour = hour
        # The start has just read the database; the first look may wait for the night.
        self._looked = began
        self.last: Integrity | None = None

    def step(self, now: float) -> None:
        if not self.due(now):
            return
        self._looked = now
        found = self._check()
        if found is None:
            log.info("the check of the database was not finished; it comes round again tomorrow")
            return
        self.last = Integrity(now, tuple(found))
        if found:
            log.error("the database is damaged: %s. Restore the newest backup; the damaged file is kept.", "; ".join(found))

    def due(self, now: float) -> bool:
        hours = (now - self._looked) / HOUR
        night = datetime.fromtimestamp(now).hour == self._hour()  # noqa: DTZ006 (the hour is a local one)
        # A clock that was set back must not put the check off for ever.
        return hours < 0 or hours >= MOST_HOURS or (hours >= LEAST_HOURS and night)

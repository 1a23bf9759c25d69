"""How much each module logs: the general level, and levels of single modules, kept (a setting) or for a while.

log_level ─▶ root      log_levels "core.pipeline=DEBUG" ─▶ that logger and those below it      for a while ─▶ until its end
the most specific name wins, as always in logging; of two for one name, the one for a while
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.domain.log_kinds import ACCESS_LOG, AUDIT_LOG, PERFORMANCE_LOG
from core.errors import UserError
from core.settings import LOG_LEVELS, LOG_MODULE

# Libraries that log every request at INFO.
CHATTY = ("httpx", "httpcore", "huggingface_hub", "faster_whisper", "watchdog", "urllib3", "schedule", "multipart")
# What these say is wanted however quiet the rest is.
_OWN = (ACCESS_LOG, AUDIT_LOG, PERFORMANCE_LOG)
LONGEST_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class ModuleLevel:
    """`until` is in Unix seconds, None for a level that is kept."""

    module: str
    level: str
    until: float | None = None


def in_force(
    general: str, kept: Iterable[str], for_a_while: Mapping[str, ModuleLevel], *, now: float
) -> tuple[dict[str, int], list[ModuleLevel]]:
    """Return the level of each logger that has one of its own, and those levels that a person chose."""
    quiet = max(logging.WARNING, _number(general))
    levels = dict.fromkeys(CHATTY, quiet) | dict.fromkeys(_OWN, logging.INFO)
    chosen = {module: ModuleLevel(module, level) for module, _, level in (each.partition("=") for each in kept)}
    chosen |= {module: row for module, row in for_a_while.items() if row.until is None or row.until > now}
    return levels | {module: _number(row.level) for module, row in chosen.items()}, sorted(
        chosen.values(), key=lambda row: row.module
    )


class Levels:
    """The levels of this process. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._general, self._kept = "INFO", tuple[str, ...]()
        self._for_a_while: dict[str, ModuleLevel] = {}
        self._set: dict[str, int] = {}

    def use(self, general: str, kept: Iterable[str] = ()) -> None:
        """Put the settings in force."""
        with self._guard:
            self._general, self._kept = general, tuple(kept)
            self._apply()

    def for_a_while(self, module: str, level: str, seconds: float) -> None:
        """Set the level of a module until then, or until CastMind ends. Raises UserError."""
        check(module, level)
        if not 0 < seconds <= LONGEST_SECONDS:
            raise UserError("A level for a while holds for a week at most. Nothing was changed.", case="log_level_time")
        with self._guard:
            self._for_a_while[module] = ModuleLevel(module, level, self._clock() + seconds)
            self._apply()

    def end(self, module: str) -> None:
        """End a level for a while; a kept one is in force again."""
        with self._guard:
            self._for_a_while.pop(module, None)
            self._apply()

    def step(self) -> None:
        """End what was for a while and is over."""
        with self._guard:
            if any(row.until is not None and row.until <= self._clock() for row in self._for_a_while.values()):
                self._apply()

    def rows(self) -> list[ModuleLevel]:
        with self._guard:
            return in_force(self._general, self._kept, self._for_a_while, now=self._clock())[1]

    def _apply(self) -> None:
        now = self._clock()
        self._for_a_while = {m: row for m, row in self._for_a_while.items() if row.until is None or row.until > now}
        levels, _ = in_force(self._general, self._kept, self._for_a_while, now=now)
        logging.getLogger().setLevel(_number(self._general))
        for name in self._set.keys() - levels.keys():
            logging.getLogger(name).setLevel(logging.NOTSET)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        self._set = levels


def check(module: str, level: str) -> None:
    """Raise UserError unless the module is a logger's name and the level is one of LOG_LEVELS."""
    if not LOG_MODULE.fullmatch(module):
        raise UserError("A module is named as in the log, such as core.pipeline. Nothing was changed.", case="log_module")
    if level not in LOG_LEVELS:
        raise UserError(f"A level is one of {', '.join(LOG_LEVELS)}. Nothing was changed.", case="log_level")


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level]

"""The logs for the app, its pages and routes (`castmind.logs`).

start ─▶ handlers, levels        step ─▶ levels that end, files a day old, archive        set_level ─▶ for a while, or kept
    search, download ─▶ log_search
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.domain.accounts.actor import Actor
from core.ops.logs import archives, log_search, output
from core.ops.logs import levels as module_levels
from core.ops.logs.levels import Levels, ModuleLevel
from core.ops.logs.log_files import LogFiles
from core.ops.logs.log_query import MOST, LogCursor, LogQuery
from core.ops.logs.log_search import LogPage
from core.services.settings.settings_service import SettingsService

log = logging.getLogger(__name__)

_DAY = 86_400.0
MEGABYTE = 1_000_000
DOWNLOAD_LINES = 50_000


class LogService:
    """Thread-safe. `folder` is data/logs."""

    def __init__(self, folder: Path, settings: SettingsService, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._levels = Levels(clock)
        self._files: LogFiles | None = None

    def start(self) -> None:
        """Send all logging of this process to the folder and to stderr; also again."""
        self._files = output.send_to(self._folder)
        self.apply_levels()

    def apply_levels(self) -> None:
        """Put the levels of the settings in force."""
        values = self._settings.values
        self._levels.use(values.log_level, values.log_levels)

    def step(self) -> None:
        """End levels that were for a while; turn over files that are a day old; compress and delete archives."""
        self._levels.step()
        now, values = self._clock(), self._settings.values
        if self._files:
            self._files.turn_old(now - _DAY)
        with contextlib.suppress(FileNotFoundError):  # the folder was deleted: the next line is told on stderr
            archives.tidy(
                self._folder,
                now=now,
                days=values.log_keep_days,
                audit_days=values.log_audit_days,
                most_bytes=values.log_keep_mb * MEGABYTE,
            )

    def search(self, actor: Actor, query: LogQuery, *, limit: int = 100, cursor: LogCursor | None = None) -> LogPage:
        """Return lines that fit, newest first."""
        return log_search.search(self._folder, query, limit=min(limit, MOST), cursor=cursor)

    def download(self, actor: Actor, query: LogQuery) -> Iterator[bytes]:
        """Yield all lines that fit as JSON lines, newest first; DOWNLOAD_LINES at most."""
        cursor, left = None, DOWNLOAD_LINES
        while left > 0:
            page = log_search.search(self._folder, query, limit=min(MOST, left), cursor=cursor)
            yield b"".join(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n" for row in page.lines)
            left -= len(page.lines)
            cursor = page.cursor
            if cursor is None:
                return

    def levels(self, actor: Actor) -> list[ModuleLevel]:
        """Return the levels of single modules, by name."""
        return self._levels.rows()

    def set_level(self, actor: Actor, module: str, level: str, *, seconds: float | None = None) -> None:
        """Set the level of a module and all below it, for a while or (None) kept.

        Raises UserError; SettingLocked if the environment sets the kept levels.
        """
        if seconds is not None:
            self._levels.for_a_while(module, level, seconds)
            log.info("%s logs at %s for %.0f s", module, level, seconds)
            return
        module_levels.check(module, level)
        self._keep(actor, module, f"{module}={level}")
        log.info("%s logs at %s from now on", module, level)

    def reset_level(self, actor: Actor, module: str) -> None:
        """Let a module log as the rest does. Raises UserError; SettingLocked if the environment sets the kept levels."""
        self._levels.end(module)
        if any(each.startswith(f"{module}=") for each in self._settings.values.log_levels):
            self._keep(actor, module, None)
        log.info("%s logs as the rest does", module)

    def _keep(self, actor: Actor, module: str, entry: str | None) -> None:
        others = [each for each in self._settings.values.log_levels if not each.startswith(f"{module}=")]
        self._settings.save(actor, "log_levels", [*others, *([entry] if entry else [])])
        self._levels.end(module)
        self.apply_levels()

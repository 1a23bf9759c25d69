"""Delete audio in data/media that no row names: left by a download that ended just before its episode was deleted permanently.

    files of media/ ─▶ the rows, read after them ─▶ unnamed and older than a day ─▶ deleted

Nothing is deleted while a restore point of the last two weeks exists, because the library in it may name these files. Files older
than the library itself belong to a previous one, and stay.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from core.ops.backup.backup_file import Backup
from core.store.db.database import Store
from core.store.library import referenced_files

log = logging.getLogger(__name__)

LEAST_AGE = 24 * 3600.0
WAY_BACK = 14 * 24 * 3600.0


class Orphans:
    """Deletes orphans; the scheduler runs `step`."""

    def __init__(
        self,
        store: Store,
        data: Path,
        *,
        backups: Callable[[], list[Backup]],
        began: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._data = data
        self._backups = backups
        self._began = began
        self._clock = clock

    def step(self) -> int:
        """Delete the files that no episode names; return their number."""
        found = self._unnamed()
        if not found or self._way_back():
            return 0
        for path in found:
            path.unlink(missing_ok=True)
        log.info("%d audio files that no episode names were removed", len(found))
        return len(found)

    def _unnamed(self) -> list[Path]:
        # In this order: files that arrive in between are younger than a day.
        files = [path for path in (self._data / "media").glob("*") if path.is_file() and path.suffix not in (".part", ".json")]
        named = referenced_files.media(self._store.read())
        return [path for path in files if f"media/{path.name}" not in named and self._may_go(path)]

    def _may_go(self, path: Path) -> bool:
        status = path.stat()
        if min(status.st_mtime, status.st_ctime) < self._began():
            return False
        return max(status.st_mtime, status.st_ctime) < self._clock() - LEAST_AGE

    def _way_back(self) -> bool:
        since = self._clock() - WAY_BACK
        return any(backup.kind == "restore-point" and backup.created_at > since for backup in self._backups())

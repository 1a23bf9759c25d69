"""Orphaned recordings in uploads/: no row references them, because it was never committed or a restored database lacks it.

    files of uploads/ ─▶ being placed? ─▶ rows, read after the files ─▶ not referenced ─▶ episode, titled by the file name

This module never deletes a file. A recording whose purge a crash interrupted also returns as an episode: a duplicate is better
than a loss.
"""

from __future__ import annotations

import logging
from pathlib import Path

from core.errors import UserError
from core.files.partial_files import PART
from core.services.ingest.ingest import Ingest
from core.store.db.database import Store
from core.store.library import referenced_files

log = logging.getLogger(__name__)


class Strays:
    """Turns orphaned files into episodes. The scheduler runs `step`; it costs one stat if the folder has not changed."""

    def __init__(self, store: Store, ingest: Ingest, data: Path) -> None:
        self._store = store
        self._ingest = ingest
        self._data = data
        self._settled: tuple[int, int] | None = None
        self._no_sound: set[tuple[str, int]] = set()

    def step(self) -> None:
        folder = self._data / "uploads"
        if not folder.is_dir() or _seen(folder) == self._settled:
            return
        seen = _seen(folder)
        found, coming = self._unnamed(folder)
        later = [path for path in found if self._comes_again(path)]
        for path in found:
            if path not in later:
                self._take(path)
        self._settled = None if later or coming else seen

    def _unnamed(self, folder: Path) -> tuple[list[Path], bool]:
        """Return (the orphaned files, whether other files are about to get their row)."""
        # The order matters: a placed file gets its row before `is_placing` ends. Reading rows first would report it as an orphan.
        files = [path for path in folder.glob("*") if _is_recording(path)]
        coming = {path for path in files if self._ingest.is_placing(path.stem)}
        named = referenced_files.media(self._store.read())
        unnamed = [path for path in files if f"uploads/{path.name}" not in named]
        return [path for path in unnamed if path not in coming], bool(coming.intersection(unnamed))

    def _comes_again(self, path: Path) -> bool:
        """Return whether the probable source (same size) still exists, which knows the title: it will be ingested from there."""
        size = path.stat().st_size
        waiting = any(upload.length == size for upload in self._ingest.resumable.listing())
        inbox = (file for file in (self._data / "inbox").rglob("*") if "rejected" not in file.parts)
        return waiting or any(f.is_file() and f.stat().st_size == size for f in inbox)

    def _take(self, path: Path) -> None:
        key = (path.name, path.stat().st_mtime_ns)
        if key in self._no_sound:
            return
        try:
            listed = self._ingest.take_stray(path)
        except UserError as error:
            self._no_sound.add(key)
            log.warning("%s in uploads belongs to no episode and cannot be one; it stays: %s", path.name, error.detail)
        else:
            log.warning("%s belonged to no episode; it is one again", path.name, extra={"episode_id": listed.episode.id})


def _seen(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_ino, status.st_mtime_ns


def _is_recording(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.suffix not in (PART, ".json")

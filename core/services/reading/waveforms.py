"""Waveforms (`castmind.waveforms`): how loud an episode is from beginning to end, for the slider of its player.

    show(id) ─▶ on disk? ─▶ yes: return it
                         └▶ no: queue it, return None; `step` measures the file later

A page never waits for a measurement. Waveforms are cached in data/media/waveforms, a byte a level, named by a hash of the audio;
an empty file: the audio could not be measured, and is tried again after a day. `tidy` deletes what nobody looked at for long.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Episode
from core.errors import CastMindError, Transient
from core.files.stored_names import inside
from core.speech.audio import waveform
from core.store.db.database import Store
from core.store.library import episodes

log = logging.getLogger(__name__)

FOLDER = "media/waveforms"
MOST_WANTED = 50
DAY = 24 * 3600.0
UNSEEN = 90 * DAY


class Waveforms:
    """Safe to call from any thread."""

    def __init__(self, store: Store, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._data = data
        self._clock = clock
        self._wanted: dict[str, str] = {}
        self._guard = threading.Lock()

    def show(self, actor: Actor, episode_id: int) -> bytes | None:
        """Return the levels, 0 to 255, in parts of equal length; empty without any. None until they are measured.

        Raises NotFound.
        """
        episode = episodes.get(self._store.read(), episode_id)
        if episode.media_path is None:
            return b""
        path = self._path(name := _name(episode))
        try:
            levels = path.read_bytes()
            age = self._clock() - path.stat().st_mtime
            if levels and age > DAY:
                os.utime(path, (self._clock(), self._clock()))  # `tidy` reads the mtime as the time it was last shown
            if levels or age <= DAY:
                return levels
        except FileNotFoundError:
            pass
        with self._guard:
            if len(self._wanted) < MOST_WANTED:
                self._wanted[name] = episode.media_path
        return None

    def step(self) -> None:
        """Measure one of the requested files, the latest request first: it is the one that is on screen."""
        with self._guard:
            if not self._wanted:
                return
            name, media = self._wanted.popitem()
        if self._path(name).exists() and self._path(name).stat().st_size:
            return
        try:
            self._keep(name, self._measure(media))
        except Transient as error:
            log.info("a waveform is measured again when it is looked at: %s", error)

    def tidy(self) -> int:
        """Delete waveforms that nobody looked at for 90 days; return their number."""
        oldest = self._clock() - UNSEEN
        old = [path for path in (self._data / FOLDER).glob("*") if path.stat().st_mtime < oldest]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _measure(self, media: str) -> bytes:
        """Return the levels, none for a file that cannot be measured. Raises Transient."""
        file = inside(self._data, media)
        try:
            return waveform.measure(file) if file else b""
        except Transient:
            raise
        except CastMindError as error:
            log.info("a waveform could not be measured; it is tried again in a day: %s", error)
            return b""

    def _keep(self, name: str, levels: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(levels)
        part.replace(path)

    def _path(self, name: str) -> Path:
        return self._data / FOLDER / f"{name}.levels"


def _name(episode: Episode) -> str:
    """Name the audio: its file is replaced under the same path when the publisher replaces it."""
    return hashlib.sha256(f"{episode.media_path}:{episode.bytes}:{episode.sha256}".encode()).hexdigest()[:32]

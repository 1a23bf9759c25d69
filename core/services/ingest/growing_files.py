"""Inbox recordings that keep growing after they were moved into the library: the recorder still has the same file open.

    recent inbox files ─▶ size differs, or newer than the row? ─▶ stable, no open writer ─▶ hash ─▶ changed? ─▶ link under
    the new hash ─▶ update the row, transcribe again ─▶ delete the old name

Usually `writers` detects an open writer, and the file waits in the inbox. This module covers the cases where it cannot: a
network share, a folder of another system, a recorder that reopens the file. It compares with the row, so a restart loses nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from core.domain.episodes.episode import Episode, MediaInfo
from core.domain.jobs.job import PRIORITY_USER, Stage
from core.errors import NotFound, UserError
from core.files import partial_files
from core.files.stored_names import inside
from core.services.ingest.ingest import Ingest
from core.sources.media import probe
from core.sources.uploads.writers import open_for_writing
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes

log = logging.getLogger(__name__)

# A file is checked for this many seconds after it was taken.
LOOKED_AT = 2 * 24 * 3600.0

State = tuple[int, int]


class GrowingFiles:
    """Detects and follows growing files. The scheduler runs `step`; a change counts once two steps see the same state."""

    def __init__(self, store: Store, ingest: Ingest, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._ingest = ingest
        self._data = data
        self._clock = clock
        self._seen: dict[int, State] = {}
        self._settled: dict[int, State] = {}

    def step(self) -> None:
        recent = episodes.from_inbox(self._store.read(), since=self._clock() - LOOKED_AT)
        here = {episode.id for episode in recent}
        self._seen = {i: state for i, state in self._seen.items() if i in here}
        self._settled = {i: state for i, state in self._settled.items() if i in here}
        for episode in recent:
            path = inside(self._data, episode.media_path)
            if path is not None and path.is_file() and self._changed(episode, path):
                self._renew(episode, path)

    def _changed(self, episode: Episode, path: Path) -> bool:
        """Return whether the file differs from its row, has not changed since the last step, and has no known writer."""
        status = path.stat()
        state = status.st_size, status.st_mtime_ns
        as_taken = status.st_size == episode.bytes and status.st_mtime <= episode.created_at
        if as_taken or self._settled.get(episode.id) == state:
            return False
        before, self._seen[episode.id] = self._seen.get(episode.id), state
        return before == state and open_for_writing(path) is not True

    def _renew(self, episode: Episode, path: Path) -> None:
        state = self._seen[episode.id]
        sha256 = partial_files.sha256_of(path)
        if sha256 != episode.sha256:
            try:
                info = probe.probe(path, name=episode.title).info(bytes=state[0], sha256=sha256)
            except UserError as error:
                log.warning("%s changed after it was taken, and cannot be read now: %s", path.name, error.detail)
            else:
                if not self._follow(episode, path, info, state):
                    return  # it is still changing
        self._settled[episode.id] = state

    def _follow(self, episode: Episode, path: Path, info: MediaInfo, state: State) -> bool:
        with self._ingest.waiting_for_its_row(path.stem), self._ingest.waiting_for_its_row(info.sha256):
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) != state:
                return False
            placed = partial_files.place(path, path.parent, info.sha256, info.suffix)
            now = self._clock()

            def change(db: Database) -> bool:
                values = {"media_path": placed, "sha256": info.sha256, "bytes": info.bytes, "duration": info.duration}
                episodes.change(db, episode.id, values | {"media_type": info.media_type}, now=now)
                try:
                    jobs.rerun(db, episode.id, Stage.TRANSCRIBE, priority=PRIORITY_USER, afresh=True)
                except NotFound:
                    log.debug("episode %d is not transcribed", episode.id)
                return bool(episodes.with_media(db, f"{path.parent.name}/{path.name}"))

            if not self._store.write(change) and placed != f"{path.parent.name}/{path.name}":
                path.unlink(missing_ok=True)
                partial_files.sync_folder(path.parent)
        names = {"episode_id": episode.id}
        log.warning("%s grew after it was taken from the inbox; all of it is transcribed anew", episode.title, extra=names)
        return True

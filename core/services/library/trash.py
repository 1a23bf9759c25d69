"""The trash (`castmind.trash`): a delete can be undone for a week.

    delete ─▶ hidden from lists, search and feeds' counts; its jobs end; its exported files are deleted
       │ restore ─▶ visible again, its jobs continue, its files are written again
       │ disk short ─▶ its audio is deleted, the first deleted episode first; the row records it (audio_dropped_at)
       └ after a week ─▶ purge: the row, its audio, its notes are deleted. Its feed does not add it again.

The scheduler calls `make_room`, and the schedule of the trash calls `step`.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes.episode import Episode
from core.domain.episodes.retention import RetentionReason
from core.export import export_files
from core.files import partial_files, stored_names
from core.files.partial_files import GIGABYTE
from core.services.settings.settings_service import SettingsService
from core.sources.media.download import part_name
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episode_trash, episodes, retention

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 24 * 3600.0
AT_ONCE = 200
Choose = Callable[[Any, list[int]], list[int]]


class Trash:
    """`abandon` ends the runs of a deleted episode; it returns once all have ended, so that none writes a file afterwards."""

    def __init__(
        self,
        store: Store,
        preferences: SettingsService,
        data: Path,
        *,
        abandon: Callable[[int], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._abandon = abandon
        self._clock = clock
        self._free_bytes = free_bytes

    def delete(self, actor: Actor, episode_ids: Iterable[int], *, choose: Choose | None = None) -> int:
        """Move episodes to the trash; return how many were not in it already.

        `choose` selects, within the same transaction, those of a batch that are still to be deleted.
        """
        deleted = 0
        for batch in batches(episode_ids):
            gone = self._store.write(partial(_put_in_trash, batch=batch, choose=choose, now=self._clock()))
            for episode_id in gone:
                self._abandon(episode_id)
            export_files.remove_all(self._data / "exports", set(gone))
            deleted += len(gone)
        return deleted

    def restore(self, actor: Actor, episode_ids: Iterable[int]) -> int:
        """Restore episodes from the trash; return how many were in it."""
        restored = 0
        for batch in batches(episode_ids):
            restored += len(self._store.write(partial(episode_trash.take_from_trash, episode_ids=batch, now=self._clock())))
        return restored

    def purge(self, actor: Actor, episode_ids: Iterable[int]) -> int:
        """Delete episodes for good, in the trash or not: rows, notes, audio, exported files. Return how many existed."""
        purged = 0
        for batch in batches(episode_ids):
            gone = {episode_id for episode_id in batch if self._purge(episode_id)}
            export_files.remove_all(self._data / "exports", gone)
            purged += len(gone)
        return purged

    def step(self) -> int:
        """Purge episodes deleted over a week ago, and return their number; delete audio of the others while the disk is short."""
        old = episode_trash.in_trash(self._store.read(), before=self._clock() - KEPT_SECONDS)
        purged = self.purge(SYSTEM, (e.id for e in old)) if old else 0
        if purged:
            log.info("%d episodes leave the trash for good", purged)
        self.make_room()
        return purged

    def _purge(self, episode_id: int) -> bool:
        """Delete one episode per transaction, because removing a long transcript from the search index holds the writer long."""
        episode = self._store.write(partial(_delete, episode_id=episode_id))
        if episode is None:
            return False
        self._abandon(episode_id)
        self._remove_audio(episode)
        partial_files.discard(self._data / "media" / part_name(episode_id))
        return True

    def make_room(self) -> None:
        """Delete audio of the trash, the first deleted episode first, while the disk is short."""
        least = int(self._preferences.values.min_free_gb * GIGABYTE)
        if self._free_bytes(self._data) >= least:
            return
        for episode in episode_trash.in_trash(self._store.read(), with_audio=True):
            self._drop_audio(episode)
            if self._free_bytes(self._data) >= least:
                return

    def _drop_audio(self, episode: Episode) -> None:
        def change(db: Database) -> bool:
            now = episodes.find(db, episode.id)
            # It may have been restored since it was listed.
            if now is None or now.deleted_at is None or now.media_path != episode.media_path:
                return False
            if any(other.deleted_at is None for other in episodes.with_media(db, episode.media_path or "")):
                return False
            retention.let_audio_go(db, now, RetentionReason.DISK, now=self._clock())
            return True

        if self._store.write(change):
            log.info("the disk is short: the audio of a deleted episode goes", extra={"episode_id": episode.id})
            self._remove_audio(episode)

    def _remove_audio(self, episode: Episode) -> None:
        """Delete the file unless another episode uses it.

        The check runs in a write transaction, against a race with an import of the same bytes: that commits before, or puts its
        file back afterwards.
        """

        def change(db: Database) -> None:
            if episode.media_path and not episodes.with_media(db, episode.media_path):
                stored_names.remove(self._data, episode.media_path)

        self._store.write(change)


def batches(episode_ids: Iterable[int], size: int = AT_ONCE) -> Iterator[list[int]]:
    """Yield lists of at most `size` ids, so that no transaction keeps other writers waiting for long."""
    chosen = list(dict.fromkeys(episode_ids))
    for begin in range(0, len(chosen), size):
        yield chosen[begin : begin + size]


def _put_in_trash(db: Database, batch: list[int], choose: Choose | None, now: float) -> list[int]:
    return episode_trash.put_in_trash(db, choose(db, batch) if choose else batch, now=now)


def _delete(db: Database, episode_id: int) -> Episode | None:
    """Delete an episode; return it as it was, or None if it did not exist."""
    episode = episodes.find(db, episode_id)
    if episode:
        episodes.delete(db, episode_id)
    return episode

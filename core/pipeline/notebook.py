"""Versions of an episode's notes (`castmind.notebook`): none is lost when others are written.

versions ─▶ compare two (core.domain.comparison) ─▶ choose an earlier one, until new ones are written
regenerate(model, language) ─▶ the summarise stage again ─▶ one more version
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from core.domain.comparison import Comparison, compare
from core.pipeline import orders
from core.store import episodes, jobs, notes
from core.store.db import Store
from core.store.episodes import Listed
from core.store.notes import Version


class Notebook:
    """`wake` tells the pipeline that there may be work."""

    def __init__(self, store: Store, *, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake

    def versions(self, episode_id: int) -> list[Version]:
        """All that were written, the newest first, those about an earlier transcript (`outdated`) included."""
        return notes.versions(self._store.read(), episode_id)

    def current(self, episode_id: int) -> Version | None:
        return notes.current(self._store.read(), episode_id)

    def too_weak(self, episode_id: int) -> Version | None:
        """The newest version, where its model was too weak for it to become current."""
        return notes.too_weak(self._store.read(), episode_id)

    def version(self, episode_id: int, version_id: int) -> Version:
        """Raises NotFound."""
        return notes.version(self._store.read(), episode_id, version_id)

    def compare(self, episode_id: int, old: int, new: int) -> Comparison:
        """The versions `old` and `new`, entry beside entry. Raises NotFound."""
        with self._store.snapshot() as db:
            first, second = (notes.version(db, episode_id, version_id) for version_id in (old, new))
        return compare(first.notes, second.notes)

    def choose(self, episode_id: int, version_id: int) -> Version:
        """Makes a version the current one. Raises NotFound, and Conflict for one about a transcript that was replaced."""

        def change(db: Any) -> Version:
            episodes.live(db, episode_id)
            notes.choose(db, episode_id, version_id)
            jobs.publish_again(db, episode_id)
            return notes.version(db, episode_id, version_id)

        chosen = self._store.write(change)
        self._wake()
        return chosen

    def regenerate(self, episode_id: int, *, model: str | None = None, language: str | None = None) -> Listed:
        """Has new notes written, beside those that are there. A model or language becomes the episode's wish; "" is that of
        the settings, None the wish as it is. Raises NotFound, Conflict."""
        self._store.write(lambda db: orders.summarise(db, episode_id, now=time.time(), model=model, language=language))
        self._wake()
        return episodes.listed(self._store.read(), episode_id)

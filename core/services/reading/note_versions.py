"""Versions of an episode's notes (`castmind.note_versions`): new notes never overwrite earlier ones.

versions ─▶ compare two (core.domain.notes.comparison) ─▶ choose an earlier one; it is current until new notes are written
regenerate(model, language) ─▶ rerun of the summarise stage ─▶ one more version
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.domain.notes.comparison import Comparison, compare
from core.domain.notes.note import Verdict, Version
from core.notes.replacing import backed, judge, statements
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import notes, transcripts
from core.transactions import episode_jobs


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Notes that were stored as a version but did not become current; the transcript proves `backed` of `statements`."""

    version: Version
    verdict: Verdict
    backed: int
    statements: int


class NoteVersions:
    """Safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def versions(self, actor: Actor, episode_id: int) -> list[Version]:
        """Return all versions, the newest first, with those about an earlier transcript (`outdated`)."""
        return notes.versions(self._store.read(), episode_id)

    def current(self, actor: Actor, episode_id: int) -> Version | None:
        return notes.current(self._store.read(), episode_id)

    def held_back(self, actor: Actor, episode_id: int) -> HeldBack | None:
        """Return the newest version and the reason, if a model wrote it and it did not become current; else None."""
        with self._store.snapshot() as db:
            newest, counts = next(iter(notes.versions(db, episode_id)), None), notes.current(db, episode_id)
            about = transcripts.about(db, episode_id)
        if newest is None or counts is None or newest.id <= counts.id or newest.outdated:
            return None
        spoken, held = about.language if about else "", newest.notes
        verdict = judge(counts.notes, held, spoken)
        if verdict is Verdict.REPLACES:
            return None
        return HeldBack(newest, verdict, len(backed(held, spoken)), len(statements(held)))

    def version(self, actor: Actor, episode_id: int, version_id: int) -> Version:
        """Return a version. Raises NotFound."""
        return notes.version(self._store.read(), episode_id, version_id)

    def compare(self, actor: Actor, episode_id: int, old: int, new: int) -> Comparison:
        """Compare the versions `old` and `new`, entry by entry. Raises NotFound."""
        with self._store.snapshot() as db:
            first, second = (notes.version(db, episode_id, version_id) for version_id in (old, new))
        return compare(first.notes, second.notes)

    def choose(self, actor: Actor, episode_id: int, version_id: int) -> Version:
        """Make a version the current one. Raises NotFound, and Conflict for one about a replaced transcript."""

        def change(db: Database) -> Version:
            episodes.live(db, episode_id)
            notes.choose(db, episode_id, version_id)
            jobs.publish_again(db, episode_id)
            return notes.version(db, episode_id, version_id)

        return self._store.write(change)

    def regenerate(self, actor: Actor, episode_id: int, *, model: str | None = None, language: str | None = None) -> Listed:
        """Enqueue the writing of new notes; earlier versions stay.

        `model` and `language` are stored with the episode; "" means as the settings say, None leaves the stored value unchanged.
        Raises NotFound, Conflict.
        """
        self._store.write(lambda db: episode_jobs.summarise(db, episode_id, now=time.time(), model=model, language=language))
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)

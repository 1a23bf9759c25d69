"""Versions of an episode's notes (`castmind.note_versions`): none is lost when others are written.

versions ─▶ compare two (core.domain.notes.comparison) ─▶ choose an earlier one, until new ones are written
regenerate(model, language) ─▶ the summarise stage again ─▶ one more version
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
    """Notes that are kept as a version only; `backed` of their `statements` are proven by the transcript."""

    version: Version
    verdict: Verdict
    backed: int
    statements: int


class NoteVersions:
    """Safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def versions(self, actor: Actor, episode_id: int) -> list[Version]:
        """All that were written, the newest first, those about an earlier transcript (`outdated`) included."""
        return notes.versions(self._store.read(), episode_id)

    def current(self, actor: Actor, episode_id: int) -> Version | None:
        return notes.current(self._store.read(), episode_id)

    def held_back(self, actor: Actor, episode_id: int) -> HeldBack | None:
        """The newest version, where it was written by a model and did not become current, and why."""
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
        """Raises NotFound."""
        return notes.version(self._store.read(), episode_id, version_id)

    def compare(self, actor: Actor, episode_id: int, old: int, new: int) -> Comparison:
        """The versions `old` and `new`, entry beside entry. Raises NotFound."""
        with self._store.snapshot() as db:
            first, second = (notes.version(db, episode_id, version_id) for version_id in (old, new))
        return compare(first.notes, second.notes)

    def choose(self, actor: Actor, episode_id: int, version_id: int) -> Version:
        """Makes a version the current one. Raises NotFound, and Conflict for one about a transcript that was replaced."""

        def change(db: Database) -> Version:
            episodes.live(db, episode_id)
            notes.choose(db, episode_id, version_id)
            jobs.publish_again(db, episode_id)
            return notes.version(db, episode_id, version_id)

        return self._store.write(change)

    def regenerate(self, actor: Actor, episode_id: int, *, model: str | None = None, language: str | None = None) -> Listed:
        """Has new notes written, beside those that are there. A model or language becomes the episode's wish; "" is that of
        the settings, None the wish as it is. Raises NotFound, Conflict."""
        self._store.write(lambda db: episode_jobs.summarise(db, episode_id, now=time.time(), model=model, language=language))
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)

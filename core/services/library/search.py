"""Searching the library (`castmind.search`).

find      what the reader typed ─▶ query.parse ─▶ store.search ─▶ Found
look      many new episodes at once are not in the index yet ─▶ castmind.tasks ─▶ IndexTask
rebuild   ─▶ IndexTask, and the index that is there serves until then
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, tzinfo

from core.background.tasks import Tasks
from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes.search_query import Hint, parse
from core.domain.episodes.search_result import BackfillProgress, SearchResult
from core.domain.jobs.job import State
from core.services.library.index_task import IndexTask
from core.store.db.database import Store
from core.store.search import backfill, queries

LONGEST = 500
AGAIN_SECONDS = 60.0


class Search:
    """Safe to call from any thread."""

    def __init__(self, store: Store, tasks: Tasks, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._tasks = tasks
        self._clock = clock

    # --- asking ---------------------------------------------------------------------------------

    def find(
        self, actor: Actor, text: str, *, groups: int = 20, per_group: int = 5, hits: int | None = None, zone: tzinfo | None = UTC
    ) -> SearchResult:
        """Any text gives an answer; its hints say what of the text did not fit. Dates in it are days of `zone`
        (None: of this computer). Of the episodes, no more than it takes for `hits` hits."""
        if not text.strip():
            return SearchResult()
        query = parse(text[:LONGEST], zone=zone)
        with self._store.snapshot() as db:
            found = queries.find(db, query, groups=groups, per_group=per_group, hits=hits)
            progress = backfill.progress(db) if self._filling() else None
        if progress and not progress.rebuilding and not progress.whole:
            share = int(100 * progress.done / max(progress.total, 1))
            return replace(found, hints=(*found.hints, Hint("filling", str(share))))
        return found

    def progress(self, actor: Actor) -> BackfillProgress:
        """How far the index is."""
        with self._store.snapshot() as db:
            return backfill.progress(db)

    # --- building -------------------------------------------------------------------------------

    def rebuild(self, actor: Actor) -> BackfillProgress:
        """Writes the index anew in the background; the one that is there serves until then."""
        begun = self._store.write(backfill.begin_rebuild)
        self._fill()
        return begun

    def look(self) -> None:
        """Has episodes indexed that are not in it yet. The scheduler asks now and then; what failed rests for a minute."""
        last = self._tasks.last(IndexTask.name)
        rests = last and last.state is State.FAILED and self._clock() - (last.finished_at or 0.0) < AGAIN_SECONDS
        if not rests and not self.progress(SYSTEM).whole:
            self._fill()

    def _filling(self) -> bool:
        return any(not task.finished for task in self._tasks.listing(IndexTask.name))

    def _fill(self) -> None:
        """One at a time: the one that is under way takes what is asked for now as well."""
        if not self._filling():
            self._tasks.begin(IndexTask.name, {})

"""Searching the library (`castmind.search`).

find      the reader's text ─▶ query.parse ─▶ store.search ─▶ SearchResult
look      episodes missing in the index, after many were added at once ─▶ Tasks.begin ─▶ IndexTask
rebuild   ─▶ IndexTask; the old index serves queries until the new one is complete
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, tzinfo

from core.background.tasks import Tasks
from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes.search_query import Hint, parse
from core.domain.episodes.search_result import BackfillProgress, SearchResult
from core.domain.jobs.job import State
from core.services.search.index_task import IndexTask
from core.store.db.database import Store
from core.store.search import backfill, candidates, queries

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
        """Search for any text; the result's hints name the parts of the text that could not be understood.

        Another hint is the percentage of the episodes in the index, while some are missing; a rebuild leaves none out.
        Dates in it are days of `zone` (None: this computer's time zone). `hits`: stop at the episode that reaches this many hits.
        """
        if not text.strip():
            return SearchResult()
        query = parse(text[:LONGEST], zone=zone)
        with self._store.snapshot() as db:
            found = queries.find(db, query, groups=groups, per_group=per_group, hits=hits)
            # Not whether a task fills the index: cached answers outlive the state of queue and tasks.
            progress = backfill.progress(db)
        if not progress.rebuilding and not progress.whole:
            share = int(100 * progress.done / max(progress.total, 1))
            return replace(found, hints=(*found.hints, Hint("filling", str(share))))
        return found

    def speakers(self, actor: Actor, names: Iterable[str]) -> set[str]:
        """Return those of the names that a transcript names as speakers: the ones that `speaker:` finds."""
        with self._store.snapshot() as db:
            return {name for name in names if candidates.speaks(db, name)}

    def progress(self, actor: Actor) -> BackfillProgress:
        """Return how many episodes are in the index."""
        with self._store.snapshot() as db:
            return backfill.progress(db)

    # --- building -------------------------------------------------------------------------------

    def rebuild(self, actor: Actor) -> BackfillProgress:
        """Rebuild the index in the background; the old one serves queries until then."""
        begun = self._store.write(backfill.begin_rebuild)
        self._fill()
        return begun

    def look(self) -> None:
        """Start a task for episodes missing in the index; the scheduler calls this. After a failure, wait a minute."""
        last = self._tasks.last(IndexTask.name)
        rests = last and last.state is State.FAILED and self._clock() - (last.finished_at or 0.0) < AGAIN_SECONDS
        if not rests and not self.progress(SYSTEM).whole:
            self._fill()

    def _filling(self) -> bool:
        return any(not task.finished for task in self._tasks.listing(IndexTask.name))

    def _fill(self) -> None:
        """Start a task unless one is running: the running one also does the work requested now."""
        if not self._filling():
            self._tasks.begin(IndexTask.name, {})

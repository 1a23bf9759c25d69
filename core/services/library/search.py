"""Searching the library (`castmind.search`).

    find      what the reader typed ─▶ query.parse ─▶ store.search ─▶ Found
    thread    episodes that are not in the index yet, or a rebuild ─▶ a step ─▶ a step ─▶ … ─▶ sleeps until there is more
    look      many new episodes at once are left to the thread ─▶ wakes it

The steps are short: what else is to be written comes between them. A rebuild goes on after a restart where it was.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, tzinfo

from core.domain.episodes.search_query import Hint, parse
from core.domain.episodes.search_result import BackfillProgress, SearchResult
from core.store.db.database import Store
from core.store.search import backfill, queries

log = logging.getLogger(__name__)

LONGEST = 500
AGAIN_SECONDS = 60.0


class Search:
    """`start` after the store is open, `stop` before it is closed; both may come again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._filling = False
        self._thread: threading.Thread | None = None

    # --- asking ---------------------------------------------------------------------------------

    def find(
        self, text: str, *, groups: int = 20, per_group: int = 5, hits: int | None = None, zone: tzinfo | None = UTC
    ) -> SearchResult:
        """Any text gives an answer; its hints say what of the text did not fit. Dates in it are days of `zone`
        (None: of this computer). Of the episodes, no more than it takes for `hits` hits."""
        if not text.strip():
            return SearchResult()
        query = parse(text[:LONGEST], zone=zone)
        with self._store.snapshot() as db:
            found = queries.find(db, query, groups=groups, per_group=per_group, hits=hits)
            progress = backfill.progress(db) if self._filling else None
        if progress and not progress.rebuilding and not progress.whole:
            share = int(100 * progress.done / max(progress.total, 1))
            return replace(found, hints=(*found.hints, Hint("filling", str(share))))
        return found

    def progress(self) -> BackfillProgress:
        """How far the index is."""
        with self._store.snapshot() as db:
            return backfill.progress(db)

    # --- building -------------------------------------------------------------------------------

    def rebuild(self) -> BackfillProgress:
        """Writes the index anew in the background; the one that is there serves until then."""
        begun = self._store.write(backfill.begin_rebuild)
        self._wanted.set()
        return begun

    def look(self) -> None:
        """Wakes the thread when there are episodes that are not in the index; the scheduler asks now and then."""
        if not self.progress().whole:
            self._wanted.set()

    def start(self) -> None:
        self._ending.clear()
        self._wanted.set()
        self._thread = threading.Thread(target=self._work, name="search-index", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._wanted.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while not self._ending.is_set():
            self._wanted.clear()
            try:
                self._fill()
            except Exception:
                log.exception("the search index cannot be written; it is tried again in a minute")
                self._wanted.wait(AGAIN_SECONDS)
                continue
            if not self._ending.is_set():
                self._wanted.wait()

    def _fill(self) -> None:
        self._filling = not self.progress().whole
        while not self._ending.is_set() and self._store.write(backfill.step):
            continue
        self._filling = not self.progress().whole

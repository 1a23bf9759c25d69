"""Highlights of the whole library (`castmind.highlights`): lists, the three of a day, files. `annotations` changes them.

listing(filter, before) ─▶ a page      counts() ─▶ what filters offer      review(day) ─▶ three      export(form, filter) ─▶ text
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

from core.domain.accounts.actor import Actor
from core.domain.transcripts.annotation import HighlightCounts, HighlightFilter, HighlightForm, ListedHighlight
from core.export import highlight_files
from core.store.db.database import Store
from core.store.text import highlight_list

A_DAY = 3


class Highlights:
    """Safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(
        self, actor: Actor, wanted: HighlightFilter, *, before: int | None = None, limit: int = 50
    ) -> tuple[list[ListedHighlight], int | None]:
        """Return a page, the newest first, and the `before` of the next page: None after the last one."""
        found = highlight_list.listing(self._store.read(), wanted, before=before or highlight_list.NEWEST, limit=limit + 1)
        page = found[:limit]
        return page, page[-1].highlight.id if len(found) > limit else None

    def counts(self, actor: Actor) -> HighlightCounts:
        return highlight_list.counts(self._store.read())

    def review(self, actor: Actor, day: date) -> list[ListedHighlight]:
        """Return three highlights to read again: others each day, the same all day, each as likely as any other."""
        with self._store.snapshot() as db:
            chosen = sorted(highlight_list.ids(db), key=lambda number: _lot(day, number))[:A_DAY]
            return highlight_list.of_ids(db, chosen)

    def export(self, actor: Actor, form: HighlightForm, wanted: HighlightFilter, *, page: Callable[[int, float], str]) -> str:
        """Return a file of all that are meant, by episode. `page` gives the address of a second of an episode."""
        with self._store.snapshot() as db:
            return highlight_files.write(form, list(highlight_list.by_episode(db, wanted)), page)


def _lot(day: date, number: int) -> bytes:
    return hashlib.sha256(f"{day.isoformat()}:{number}".encode()).digest()

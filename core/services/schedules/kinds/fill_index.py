"""The search index follows the library all the time; a run by hand builds it anew."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.accounts.actor import SYSTEM
from core.domain.schedules.schedule import Schedule
from core.services.schedules.kind import ByThread, Counts
from core.services.search.search import Search


class FillIndex(ByThread):
    name = "index"

    def __init__(self, search: Search) -> None:
        self._search = search

    def run(self, row: Schedule, check: Callable[[], None]) -> Counts:
        return {"indexed": self._search.rebuild(SYSTEM).total}

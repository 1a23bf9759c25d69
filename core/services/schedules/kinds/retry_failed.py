"""Try everything again that failed. What fails once more in the meantime waits for the next run."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.accounts.actor import SYSTEM
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.domain.schedules.schedule import Schedule
from core.services.library.bulk_actions import BulkActions
from core.services.library.trash import batches
from core.services.schedules.kind import ByThread, Counts


class RetryFailed(ByThread):
    name = "retry_failed"
    own = True

    def __init__(self, bulk_actions: BulkActions) -> None:
        self._bulk_actions = bulk_actions

    def run(self, row: Schedule, check: Callable[[], None]) -> Counts:
        retried = 0
        for batch in batches(self._bulk_actions.ids(SYSTEM, Filter(state=State.FAILED))):
            check()
            retried += self._bulk_actions.retry(SYSTEM, batch).changed
        return {"episodes": retried}

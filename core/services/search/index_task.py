"""The background task that writes the search index: adds the missing episodes, or rebuilds the whole index.

    a step ─▶ a step ─▶ … ─▶ nothing is left        another writer waits for one step at most

The index itself records which episodes it contains, so a run after a restart continues where the previous one stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.store.db.database import Store
from core.store.search import backfill

# Polls that add many episodes start this task, all day long; finished tasks are of interest only briefly.
KEPT_SECONDS = 600.0


class IndexTask(TaskKind):
    """`done` of `total` episodes are in the index; during a rebuild, in the new index that will replace it."""

    name = "index"
    beside = Beside.NONE
    kept_seconds = KEPT_SECONDS

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, ctx: TaskContext, _arguments: Mapping[str, Any]) -> None:
        ctx.check()
        while self._store.write(backfill.step):
            with self._store.snapshot() as db:
                progress = backfill.progress(db)
            ctx.report(done=progress.done, total=progress.total)
            ctx.check()

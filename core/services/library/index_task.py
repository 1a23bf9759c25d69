"""Writing the search index in the background: episodes that are not in it yet, or all of it anew.

    a step ─▶ a step ─▶ … ─▶ nothing is left        what is written between them waits for one step at most

Which episodes are in the index is told by the index itself, so a run after a restart goes on where the one before was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.store.db.database import Store
from core.store.search import backfill

# Feeds are polled all day, and most polls that bring much have it filled: nobody asks about that for long.
KEPT_SECONDS = 600.0


class IndexTask(TaskKind):
    """`done` of `total` episodes are in the index, or in the one that will take its place."""

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

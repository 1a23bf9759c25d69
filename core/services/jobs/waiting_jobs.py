"""Jobs that wait for an external condition, and resume as soon as it is met.

step           every few seconds: notes waiting? ─▶ Ollama reachable with a model? ─▶ model_arrived
model_arrived  after the pull of a model ─▶ requeue waiting notes
"""

from __future__ import annotations

from core.domain.accounts.actor import SYSTEM
from core.domain.jobs.job import Stage, State
from core.errors import OllamaBroke
from core.services.jobs.queue import Queue
from core.services.settings.setup_checklist import SetupChecklist
from core.store.db.database import Store
from core.store.jobs import jobs


class WaitingJobs:
    """Requeues waiting jobs. Thread-safe; all methods block."""

    def __init__(self, store: Store, queue: Queue, setup_checklist: SetupChecklist) -> None:
        self._store = store
        self._queue = queue
        self._setup_checklist = setup_checklist

    def step(self) -> None:
        """Check the conditions that jobs wait for. Notes that failed with OllamaBroke have their own backoff instead."""
        rows = self._queue.jobs(SYSTEM, [State.WAITING], limit=20)
        waiting = any(row.job.stage == Stage.SUMMARISE and (row.job.error or {}).get("code") != OllamaBroke.code for row in rows)
        if waiting and self._setup_checklist.ollama(SYSTEM, refresh=True).usable:
            self.model_arrived()

    def model_arrived(self) -> None:
        """Requeue the notes that wait for a language model."""
        self._store.write(lambda db: jobs.wake(db, Stage.SUMMARISE))

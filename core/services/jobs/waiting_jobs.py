"""Jobs that wait for a condition outside of CastMind, and go on as soon as it is over.

step           every few seconds: do notes wait? ─▶ does Ollama answer with a model? ─▶ model_arrived
model_arrived  a model was pulled ─▶ notes that wait are queued
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
    """Safe to call from any thread; everything blocks."""

    def __init__(self, store: Store, queue: Queue, setup_checklist: SetupChecklist) -> None:
        self._store = store
        self._queue = queue
        self._setup_checklist = setup_checklist

    def step(self) -> None:
        """Looks for what jobs wait for. Notes that broke off come back in their own time, not here."""
        rows = self._queue.jobs(SYSTEM, [State.WAITING], limit=20)
        waiting = any(row.job.stage == Stage.SUMMARISE and (row.job.error or {}).get("code") != OllamaBroke.code for row in rows)
        if waiting and self._setup_checklist.ollama(refresh=True).usable:
            self.model_arrived()

    def model_arrived(self) -> None:
        """There is a language model: notes that wait for one go on."""
        self._store.write(lambda db: jobs.wake(db, Stage.SUMMARISE))

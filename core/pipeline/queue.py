"""The queue as pages, routes and the command line see it: every job, and what can be done about one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.domain.job import Job, Stage, State
from core.store import episodes, jobs
from core.store.db import Store


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with its episode's title."""

    job: Job
    title: str


class Queue:
    """`wake` tells the pipeline that there may be work; `retry` runs a stage of an episode, and those after it, again."""

    def __init__(self, store: Store, *, wake: Callable[[], None], retry: Callable[[int, Stage], object]) -> None:
        self._store = store
        self._wake = wake
        self._retry = retry

    def jobs(self, states: Iterable[State] | None = None, limit: int = 200) -> list[JobRow]:
        """Running first, then in the order in which they will be claimed."""
        db = self._store.read()
        rows = jobs.in_states(db, states or State, limit=limit)
        titles = episodes.titles(db, {job.episode_id for job in rows})
        return [JobRow(job, titles.get(job.episode_id, "")) for job in rows]

    def job(self, job_id: int) -> Job:
        return jobs.get(self._store.read(), job_id)

    def counts(self) -> dict[State, int]:
        return jobs.counts(self._store.read())

    def cancel(self, job_id: int) -> Job:
        """Raises NotFound, Conflict."""
        job = self._store.write(lambda db: jobs.request_cancel(db, job_id, now=time.time()))
        self._wake()
        return job

    def retry(self, job_id: int) -> Job:
        """Raises NotFound."""
        job = self.job(job_id)
        self._retry(job.episode_id, job.stage)
        return self.job(job_id)

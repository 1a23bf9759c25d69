"""The queue of jobs over a real store, each call a transaction of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.domain.jobs.job import PRIORITY_AUTOMATIC, PRIORITY_USER, Job, Next, Stage, State
from core.store.db.database import Store
from core.store.jobs import jobs, leases


class Queue:
    """The functions of core.store.jobs.jobs and core.store.jobs.leases, each in a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def enqueue(self, episode_id: int, priority: int = PRIORITY_AUTOMATIC, **options: Any) -> None:
        self.store.write(partial(jobs.enqueue, episode_id=episode_id, priority=priority, now=0.0, **options))

    def claim(self, stage: Stage = Stage.FETCH, now: float = 0.0) -> Job | None:
        return self.store.write(partial(leases.claim, stage=stage, now=now))

    def must_claim(self, stage: Stage = Stage.FETCH, now: float = 0.0) -> Job:
        job = self.claim(stage, now)
        assert job is not None
        return job

    def do(self, stage: Stage, now: float = 0.0) -> None:
        job = self.must_claim(stage, now)
        self.store.write(partial(leases.finish, job=job, now=now, detail={}))

    def set_aside(self, job: Job, state: State, **options: Any) -> None:
        self.store.write(partial(leases.set_aside, job=job, what=Next(state, **options), now=0.0))

    def rerun(self, episode_id: int, stage: Stage, *, afresh: bool = False) -> None:
        self.store.write(partial(jobs.rerun, episode_id=episode_id, stage=stage, priority=PRIORITY_USER, afresh=afresh))

    def cancel(self, job_id: int) -> Job:
        return self.store.write(partial(jobs.request_cancel, job_id=job_id, now=9.0))

    def publish_again(self, episode_id: int) -> None:
        self.store.write(partial(jobs.publish_again, episode_id=episode_id))

    def states(self, episode_id: int) -> list[str]:
        return [j.state.value for j in jobs.of_episode(self.store.read(), episode_id)]

    def job(self, episode_id: int, stage: Stage) -> Job:
        return next(job for job in jobs.of_episode(self.store.read(), episode_id) if job.stage == stage)


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)

"""The queue as pages, routes and the command line see it: every job, and what can be done about one, an episode, or all.

job         retry  cancel
episode     work(view)   put_first  put_last
all         pause: what runs goes back with its finished parts, nothing is begun ─▶ resume
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, State
from core.pipeline import graph
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, queue_order, queue_views
from core.store.library import episodes

# What can be looked at, and where its episodes come from.
VIEWS = {"open": queue_views.episodes_open, "failed": queue_views.episodes_stopped, "done": queue_views.episodes_done}


def steps() -> tuple[str, ...]:
    """The names of the steps that are registered, in their order."""
    return tuple(graph.steps())


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with its episode's title."""

    job: Job
    title: str


class Queue:
    """`retry` runs a stage of an episode, and those after it, again."""

    def __init__(self, store: Store, *, retry: Callable[[Actor, int, str], object]) -> None:
        self._store = store
        self._retry = retry

    def jobs(self, actor: Actor, states: Iterable[State] | None = None, limit: int = 200) -> list[JobRow]:
        """Running first, then in the order in which they will be claimed."""
        db = self._store.read()
        rows = queue_views.in_states(db, states or State, limit=limit)
        titles = episodes.titles(db, {job.episode_id for job in rows})
        return [JobRow(job, titles.get(job.episode_id, "")) for job in rows]

    def work(self, actor: Actor, view: str, *, limit: int = 100) -> list[Listed]:
        """The episodes of a view (`open`, `failed`, `done`) with their jobs; what runs first, then in the order of the queue."""
        db = self._store.read()
        return episodes.rows(db, VIEWS[view](db, limit=limit), user_id=actor.user_id)

    def paused(self, actor: Actor) -> bool:
        return queue_order.paused(self._store.read())

    def job(self, actor: Actor, job_id: int) -> Job:
        return jobs.get(self._store.read(), job_id)

    def counts(self, actor: Actor) -> dict[State, int]:
        return queue_views.counts(self._store.read())

    def episode_counts(self, actor: Actor) -> dict[State, int]:
        """Episodes by their state."""
        return queue_views.episode_counts(self._store.read())

    def cancel(self, actor: Actor, job_id: int) -> Job:
        """Raises NotFound, Conflict."""
        return self._store.write(lambda db: jobs.request_cancel(db, job_id, now=time.time()))

    def retry(self, actor: Actor, job_id: int) -> Job:
        """Raises NotFound."""
        job = self.job(actor, job_id)
        self._retry(actor, job.episode_id, job.stage)
        return self.job(actor, job_id)

    def pause(self, actor: Actor) -> None:
        """Nothing new begins, and what runs stops at its last finished part; lasts until `resume`, through restarts too."""
        self._store.write(lambda db: queue_order.pause(db, now=time.time()))

    def resume(self, actor: Actor) -> None:
        self._store.write(queue_order.resume)

    def put_first(self, actor: Actor, episode_id: int) -> None:
        """Raises NotFound, and Conflict for one in the trash."""
        self._move(episode_id, queue_order.put_first)

    def put_last(self, actor: Actor, episode_id: int) -> None:
        """Raises NotFound, and Conflict for one in the trash."""
        self._move(episode_id, queue_order.put_last)

    def _move(self, episode_id: int, put: Callable[[Any, int], int]) -> None:
        def change(db: Database) -> None:
            episodes.live(db, episode_id)
            put(db, episode_id)

        self._store.write(change)

"""The job queue for pages, routes and the command line: lists of jobs, and operations on a job, an episode, or the queue.

job         retry  cancel
episode     work(view)   put_first  put_last
outside     held ─▶ held_episodes ─▶ shown
card        gpu_state
queue       pause: running jobs are requeued with their finished parts, no job starts ─▶ resume
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.domain.jobs.gpu_line import QueueState
from core.domain.jobs.job import Job, State
from core.domain.jobs.waits import Held
from core.pipeline import graph
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, queue_order, queue_views
from core.store.library import episodes

# The views of `work`, each with the query for its episodes.
VIEWS = {"open": queue_views.episodes_open, "failed": queue_views.episodes_stopped, "done": queue_views.episodes_done}


def steps() -> tuple[str, ...]:
    """Return the names of the registered pipeline steps, in order."""
    return tuple(graph.steps())


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with its episode's title."""

    job: Job
    title: str


class Queue:
    """Lists and controls jobs.

    `retry` runs a stage of an episode, and the stages after it, again; `gpu` returns the queue for the card.
    """

    def __init__(self, store: Store, *, retry: Callable[[Actor, int, str], object], gpu: Callable[[], QueueState]) -> None:
        self._store = store
        self._retry = retry
        self._gpu = gpu

    def jobs(self, actor: Actor, states: Iterable[State] | None = None, limit: int = 200) -> list[JobRow]:
        """Return the jobs in these states (default: all), running ones first, then in the order of their claims."""
        db = self._store.read()
        rows = queue_views.in_states(db, states or State, limit=limit)
        titles = episodes.titles(db, {job.episode_id for job in rows})
        return [JobRow(job, titles.get(job.episode_id, "")) for job in rows]

    def work(self, actor: Actor, view: str, *, limit: int = 100) -> list[Listed]:
        """Return the episodes of a view (`open`, `failed`, `done`) with their jobs, running ones first, then in queue order."""
        db = self._store.read()
        return episodes.rows(db, VIEWS[view](db, limit=limit), user_id=actor.user_id)

    def paused(self, actor: Actor) -> bool:
        return queue_order.paused(self._store.read())

    def gpu_state(self, actor: Actor) -> QueueState:
        """Return who uses the card, or the processor if there is no card, and who waits for it."""
        return self._gpu()

    def job(self, actor: Actor, job_id: int) -> Job:
        return jobs.get(self._store.read(), job_id)

    def counts(self, actor: Actor) -> dict[State, int]:
        return queue_views.counts(self._store.read())

    def episode_counts(self, actor: Actor) -> dict[State, int]:
        """Return the number of episodes in each state."""
        return queue_views.episode_counts(self._store.read())

    def episodes_at_work(self, actor: Actor) -> dict[str, int]:
        """Return `{busy, failed}`: how many episodes are queued or under way, and how many failed."""
        counts = self.episode_counts(actor)
        return {"busy": counts.get(State.RUNNING, 0) + counts.get(State.QUEUED, 0), "failed": counts.get(State.FAILED, 0)}

    def held(self, actor: Actor) -> list[Held]:
        """Return the conditions outside that episodes wait for, each once, the most frequent first."""
        return queue_views.held(self._store.read())

    def held_episodes(self, actor: Actor, held: Held, *, limit: int = -1) -> list[int]:
        """Return the ids of the episodes that wait for a condition."""
        return queue_views.held_episodes(self._store.read(), held, limit=limit)

    def shown(self, actor: Actor, ids: Sequence[int]) -> list[Listed]:
        """Return these episodes with their jobs."""
        return episodes.rows(self._store.read(), list(ids), user_id=actor.user_id)

    def cancel(self, actor: Actor, job_id: int) -> Job:
        """Request the cancellation of a job. Raises NotFound, Conflict."""
        return self._store.write(lambda db: jobs.request_cancel(db, job_id, now=time.time()))

    def retry(self, actor: Actor, job_id: int) -> Job:
        """Run the job's stage, and the stages after it, again. Raises NotFound."""
        job = self.job(actor, job_id)
        self._retry(actor, job.episode_id, job.stage)
        return self.job(actor, job_id)

    def pause(self, actor: Actor) -> None:
        """Pause the queue until `resume`, across restarts. No job starts; running jobs stop and keep their finished parts."""
        self._store.write(lambda db: queue_order.pause(db, now=time.time()))

    def resume(self, actor: Actor) -> None:
        self._store.write(queue_order.resume)

    def put_first(self, actor: Actor, episode_id: int) -> None:
        """Move an episode's jobs to the front of the queue. Raises NotFound, and Conflict if it is in the trash."""
        self._move(episode_id, queue_order.put_first)

    def put_last(self, actor: Actor, episode_id: int) -> None:
        """Move an episode's jobs to the end of the queue. Raises NotFound, and Conflict if it is in the trash."""
        self._move(episode_id, queue_order.put_last)

    def _move(self, episode_id: int, put: Callable[[Any, int], int]) -> None:
        def change(db: Database) -> None:
            episodes.live(db, episode_id)
            put(db, episode_id)

        self._store.write(change)

"""The queue as it is looked at: its jobs, its episodes, and how many of each there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from core.domain.jobs import step_graph
from core.domain.jobs.job import Job, State
from core.store.db.sqlite import Database
from core.store.jobs.jobs import COLUMNS, job_of

_NOT_IN_TRASH = "episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL)"


def in_states(db: Database, states: Iterable[State], *, limit: int = 200) -> list[Job]:
    """Running first, then the most recently finished, then what is not finished in the order in which it will be claimed."""
    heads: list[_Head] = []
    # Of each state and step the first ones, from an index that has them in this order: the library's jobs are never sorted.
    for stage in _stages(db):
        for state in dict.fromkeys(states):
            rows = db.execute(
                "SELECT id, stage, state, priority, finished_at FROM jobs INDEXED BY jobs_listed "
                f"WHERE state = ? AND stage = ? AND {_NOT_IN_TRASH} ORDER BY finished_at DESC, priority DESC, id LIMIT ?",
                [state.value, stage, limit],
            )
            heads += [_Head(*row) for row in rows]
    chosen = [head.id for head in sorted(heads, key=_listed)[:limit]]
    marks = ", ".join("?" * len(chosen))
    found = (
        {job.id: job for job in map(job_of, db.execute(f"SELECT {COLUMNS} FROM jobs WHERE id IN ({marks})", chosen))}
        if chosen
        else {}
    )
    return [found[job_id] for job_id in chosen]


class _Head(NamedTuple):
    id: int
    stage: str
    state: str
    priority: int
    finished_at: float | None


def _listed(job: _Head) -> tuple[Any, ...]:
    return (
        job.state != State.RUNNING,
        job.finished_at is None,
        -(job.finished_at or 0.0),
        -job.priority,
        step_graph.current().place(job.stage),
        job.id,
    )


def _stages(db: Database) -> list[str]:
    """The steps that have jobs, also those that are not registered any more: one look into an index each."""
    found = [""]
    while (following := db.execute("SELECT min(stage) FROM jobs WHERE stage > ?", [found[-1]]).fetchone()[0]) is not None:
        found.append(following)
    return found[1:]


def counts(db: Database) -> dict[State, int]:
    """Of all jobs, less those of what is in the trash, which is little: from an index alone."""
    found = dict(db.execute("SELECT state, count(*) FROM jobs INDEXED BY jobs_state GROUP BY state").fetchall())
    for state, number in db.execute(
        "SELECT state, count(*) FROM jobs WHERE episode_id IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL) GROUP BY state"
    ):
        found[state] -= number
    return {State(state): number for state, number in found.items() if number}


def episodes_open(db: Database, *, limit: int) -> list[int]:
    """Episodes with work that goes on by itself: what runs first, then in the order in which it will be claimed."""
    return _by_state(
        db,
        ("queued", "running", "waiting"),
        "max(jobs.state = 'running') DESC, max(CASE WHEN jobs.state IN ('queued', 'waiting') THEN priority END) DESC, "
        "min(jobs.state = 'waiting'), min(jobs.id)",
        limit=limit,
    )


def episodes_stopped(db: Database, *, limit: int) -> list[int]:
    """Episodes that something failed of or was cancelled, the last first; later stages may stand in the queue behind it."""
    return _by_state(db, ("failed", "cancelled"), "max(jobs.finished_at) DESC, jobs.episode_id", limit=limit)


def _by_state(db: Database, states: Sequence[str], order: str, *, limit: int) -> list[int]:
    rows = db.execute(
        "SELECT jobs.episode_id FROM episodes INDEXED BY episodes_state JOIN jobs ON jobs.episode_id = episodes.id "
        f"WHERE episodes.deleted_at IS NULL AND episodes.state IN ({', '.join('?' * len(states))}) "
        f"GROUP BY jobs.episode_id ORDER BY {order} LIMIT ?",
        [*states, limit],
    )
    return [row[0] for row in rows]


def episode_counts(db: Database) -> dict[State, int]:
    """How many episodes are in each state, the trash not counted."""
    rows = db.execute(
        "SELECT state, count(*) FROM episodes INDEXED BY episodes_state WHERE deleted_at IS NULL AND state IS NOT NULL GROUP BY state"
    )
    return {State(row[0]): row[1] for row in rows}


def episodes_done(db: Database, *, limit: int) -> list[int]:
    """Episodes that are published, the last first."""
    rows = db.execute(
        f"SELECT episode_id FROM jobs WHERE stage = 'publish' AND state = 'done' AND {_NOT_IN_TRASH} "
        "ORDER BY finished_at DESC, id LIMIT ?",
        [limit],
    )
    return [row[0] for row in rows]

"""Views of the queue: its jobs and episodes, and their numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from core.domain.jobs import step_graph
from core.domain.jobs.job import Job, State
from core.domain.jobs.waits import Held
from core.store.db.sqlite import Database
from core.store.jobs.jobs import COLUMNS, job_of

# The condition of the index jobs_held; a job in the trash is cancelled.
_HELD = "condition IS NOT NULL AND (state = 'waiting' OR (state = 'running' AND progress = 0))"
_NOT_IN_TRASH = "episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL)"


def in_states(db: Database, states: Iterable[State], *, limit: int = 200) -> list[Job]:
    """Return running jobs first, then the most recently finished, then unfinished ones in the order of their claims."""
    heads: list[_Head] = []
    # Reads the first jobs of each state and step from an index in this order, so that the library's jobs are never sorted.
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
    """Return the steps that have jobs, including unregistered ones: one index look-up each."""
    found = [""]
    while (following := db.execute("SELECT min(stage) FROM jobs WHERE stage > ?", [found[-1]]).fetchone()[0]) is not None:
        found.append(following)
    return found[1:]


def counts(db: Database) -> dict[State, int]:
    """Return the numbers of all jobs, minus those of the trash, which are few: from an index alone."""
    found = dict(db.execute("SELECT state, count(*) FROM jobs INDEXED BY jobs_state GROUP BY state").fetchall())
    for state, number in db.execute(
        "SELECT state, count(*) FROM jobs WHERE episode_id IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL) GROUP BY state"
    ):
        found[state] -= number
    return {State(state): number for state, number in found.items() if number}


def open_by_stage(db: Database) -> dict[tuple[str, str], int]:
    """Return the numbers of the jobs that are not done, by stage and state: from an index alone."""
    rows = db.execute(
        "SELECT stage, state, count(*) FROM jobs INDEXED BY jobs_listed "
        "WHERE state IN ('queued', 'running', 'waiting', 'failed', 'cancelled') GROUP BY state, stage"
    )
    return {(row[0], row[1]): row[2] for row in rows}


def episodes_open(db: Database, *, limit: int) -> list[int]:
    """Return episodes with unfinished automatic work: running ones first, then in the order of their claims."""
    return _by_state(
        db,
        ("queued", "running", "waiting"),
        "max(jobs.state = 'running') DESC, max(CASE WHEN jobs.state IN ('queued', 'waiting') THEN priority END) DESC, "
        "min(jobs.state = 'waiting'), min(jobs.id)",
        limit=limit,
    )


def episodes_stopped(db: Database, *, limit: int) -> list[int]:
    """Return episodes with a failed or cancelled job, the latest first; later stages may be queued behind it."""
    return _by_state(db, ("failed", "cancelled"), "max(jobs.finished_at) DESC, jobs.episode_id", limit=limit)


def _by_state(db: Database, states: Sequence[str], order: str, *, limit: int) -> list[int]:
    rows = db.execute(
        "SELECT jobs.episode_id FROM episodes INDEXED BY episodes_state JOIN jobs ON jobs.episode_id = episodes.id "
        f"WHERE episodes.deleted_at IS NULL AND episodes.state IN ({', '.join('?' * len(states))}) "
        f"GROUP BY jobs.episode_id ORDER BY {order} LIMIT ?",
        [*states, limit],
    )
    return [row[0] for row in rows]


def held(db: Database) -> list[Held]:
    """Return the conditions outside that jobs wait for, the most frequent first; a job that is being tried again counts on."""
    rows = db.execute(
        "SELECT condition, stage, count(*) AS count, min(episode_id) AS first FROM jobs INDEXED BY jobs_held "
        f"WHERE {_HELD} GROUP BY condition, stage"
    ).fetchall()
    found = [Held(row["condition"], row["stage"], row["count"], _error(db, row["first"], row["stage"])) for row in rows]
    return sorted(found, key=lambda each: -each.count)


def _error(db: Database, episode_id: int, stage: str) -> dict[str, Any]:
    found = db.execute("SELECT error FROM jobs WHERE episode_id = ? AND stage = ?", [episode_id, stage]).fetchone()
    return json.loads(found[0]) if found[0] else {}


def held_episodes(db: Database, held: Held, *, limit: int) -> list[int]:
    """Return the episodes that wait for a condition, oldest first."""
    rows = db.execute(
        f"SELECT episode_id FROM jobs INDEXED BY jobs_held WHERE {_HELD} AND condition = ? AND stage = ? ORDER BY episode_id LIMIT ?",
        [held.condition, held.stage, limit],
    )
    return [row[0] for row in rows]


def episode_counts(db: Database) -> dict[State, int]:
    """Return the number of episodes in each state, without the trash."""
    rows = db.execute(
        "SELECT state, count(*) FROM episodes INDEXED BY episodes_state WHERE deleted_at IS NULL AND state IS NOT NULL GROUP BY state"
    )
    return {State(row[0]): row[1] for row in rows}


def episodes_done(db: Database, *, limit: int) -> list[int]:
    """Return published episodes, the latest first."""
    rows = db.execute(
        f"SELECT episode_id FROM jobs WHERE stage = 'publish' AND state = 'done' AND {_NOT_IN_TRASH} "
        "ORDER BY finished_at DESC, id LIMIT ?",
        [limit],
    )
    return [row[0] for row in rows]

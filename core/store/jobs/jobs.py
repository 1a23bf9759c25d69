"""The `jobs` table: what stands in the queue, and how it gets there. A job from claim to finish is core.store.jobs.leases.

Every change of a job's state is one function, here or there, which also records its event; deciding is core/domain/jobs/job.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from core import events
from core.domain.jobs import step_graph
from core.domain.jobs.job import Job, Stage, State
from core.errors import Conflict, NotFound
from core.store.db.rows import columns, places
from core.store.db.sqlite import Database
from core.store.library import hear_again
from core.store.settings import saved_settings

COLUMNS = columns(Job, "jobs")
_WIDTH = len(fields(Job))
_STATE, _DETAIL, _ERROR, _CANCEL = places(Job, "state", "detail", "error", "cancel_requested")
_STATES = {each.value: each for each in State}
# Under this name the `settings` table holds that nothing is to be claimed.
PAUSED = "queue_paused"
_NOT_IN_TRASH = "episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL)"


def job_of(row: sqlite3.Row) -> Job:
    """From a row that begins with COLUMNS. A list of fifty episodes has two hundred jobs: nothing is looked up by its name."""
    values = list(row)[:_WIDTH]
    values[_STATE] = _STATES[values[_STATE]]
    values[_DETAIL] = json.loads(detail) if (detail := values[_DETAIL]) != "{}" else {}
    values[_ERROR] = json.loads(error) if (error := values[_ERROR]) else None
    values[_CANCEL] = bool(values[_CANCEL])
    return Job(*values)


# --- asking -----------------------------------------------------------------------------------------


def get(db: Database, job_id: int) -> Job:
    """Raises NotFound."""
    job = find(db, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.", id=job_id)
    return job


def find(db: Database, job_id: int) -> Job | None:
    row = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", [job_id]).fetchone()
    return None if row is None else job_of(row)


def of_episodes(db: Database, episode_ids: Sequence[int]) -> dict[int, list[Job]]:
    """Jobs by episode, in the order of the steps."""
    marks = ", ".join("?" * len(episode_ids))
    found: dict[int, list[Job]] = {}
    rows = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE episode_id IN ({marks})", list(episode_ids))
    for job in sorted(map(job_of, rows), key=_place):
        found.setdefault(job.episode_id, []).append(job)
    return found


def of_episode(db: Database, episode_id: int) -> list[Job]:
    return of_episodes(db, [episode_id]).get(episode_id, [])


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


def _place(job: Job) -> int:
    return step_graph.current().place(job.stage)


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


def paused(db: Database) -> bool:
    return db.execute("SELECT 1 FROM settings WHERE name = ?", [PAUSED]).fetchone() is not None


# --- filling the queue --------------------------------------------------------------------------------


def enqueue(db: Database, episode_id: int, *, priority: int, now: float, stages: Iterable[str] | None = None) -> None:
    """Adds the steps (None: all that are registered) that the episode does not have yet; those it has are left as they are, but
    for a higher priority."""
    for stage in step_graph.current().names if stages is None else stages:
        db.execute(
            "INSERT INTO jobs (episode_id, stage, state, priority, created_at) VALUES (?, ?, 'queued', ?, ?) "
            "ON CONFLICT (episode_id, stage) DO UPDATE SET priority = max(priority, excluded.priority)",
            [episode_id, str(stage), priority, now],
        )
        events.record(events.JobsQueued())


def rerun(db: Database, episode_id: int, stage: str, *, priority: int, afresh: bool) -> None:
    """Puts a step and all that depend on it back into the queue. `afresh` forgets what was already done of it.

    Spans that are to be heard again go on alone: what depends on the transcript follows when there is something new in it.
    A transcription from the start forgets them. Raises NotFound when the episode has no such job.
    """
    found = db.execute("SELECT 1 FROM jobs WHERE episode_id = ? AND stage = ?", [episode_id, str(stage)]).fetchone()
    if found is None:
        raise NotFound(f"Episode {episode_id} has no {stage} stage.", id=episode_id)
    following = step_graph.current().following(stage)
    if stage == Stage.TRANSCRIBE and not afresh and hear_again.pending(db, episode_id):
        _requeue(db, episode_id, stage, priority=priority)
        return
    if Stage.TRANSCRIBE in following or (stage == Stage.TRANSCRIBE and afresh):
        hear_again.forget(db, episode_id)
    for each in (stage, *following):
        _requeue(db, episode_id, each, priority=priority)
        if afresh or each != stage:
            forget_checkpoints(db, episode_id, each)


def hear_spans_again(db: Database, episode_id: int, *, priority: int, now: float) -> None:
    """The transcribe stage alone, for the spans in `hear_again`."""
    if not _requeue(db, episode_id, Stage.TRANSCRIBE, priority=priority):
        enqueue(db, episode_id, priority=priority, now=now, stages=(Stage.TRANSCRIBE,))


def leave_as_heard(db: Database, episode_id: int) -> None:
    """Nothing is heard again any more, also where that failed: the transcript stands as it was."""
    db.execute(
        "UPDATE jobs SET state = 'cancelled' WHERE episode_id = ? AND stage = 'transcribe' AND state = 'failed'", [episode_id]
    )


def begin_again(db: Database, episode_id: int, stage: str) -> None:
    """A stage that runs begins anew, because what it was given has changed; what it has finished is kept."""
    job = db.execute(
        "SELECT priority FROM jobs WHERE episode_id = ? AND stage = ? AND state = 'running'", [episode_id, str(stage)]
    )
    if (row := job.fetchone()) is not None:
        _requeue(db, episode_id, stage, priority=row[0])


def _requeue(db: Database, episode_id: int, stage: str, *, priority: int) -> bool:
    """Says whether there is such a job. A new token takes the lease from whoever holds it: the old run's result will not be
    accepted."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', tries = 0, crashes = 0, faults = 0, token = token + 1, not_before = 0, lease_until = 0, progress = 0, "
        "detail = '{}', error = NULL, cancel_requested = 0, priority = max(priority, ?), started_at = NULL, finished_at = NULL "
        "WHERE episode_id = ? AND stage = ?",
        [priority, episode_id, str(stage)],
    )
    return _queued(cursor)


def _queued(cursor: sqlite3.Cursor) -> bool:
    """Whether an UPDATE made jobs claimable; that is told after the commit."""
    if cursor.rowcount:
        events.record(events.JobsQueued())
    return bool(cursor.rowcount)


def request_cancel(db: Database, job_id: int, *, now: float) -> Job:
    """A running job is told to stop; a queued or waiting one is cancelled at once. Raises NotFound, Conflict."""
    job = get(db, job_id)
    if job.state is State.RUNNING:
        db.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ?", [job_id])
        events.record(events.CancelRequested(job_id=job.id, episode_id=job.episode_id, step=job.stage))
    elif job.state in (State.QUEUED, State.WAITING):
        db.execute("UPDATE jobs SET state = 'cancelled', finished_at = ?, error = NULL WHERE id = ?", [now, job_id])
        events.record(events.StepCancelled(job_id=job.id, episode_id=job.episode_id, step=job.stage))
    else:
        raise Conflict(f"The job is {job.state.value}; there is nothing to cancel.", state=job.state.value)
    return get(db, job_id)


def pause(db: Database, *, now: float) -> None:
    """Nothing is claimed any more; what runs goes back to the queue with what it has finished, and no try is counted."""
    saved_settings.save(db, PAUSED, True, now=now)
    events.record(events.QueuePaused())
    requeue_running(db)


def resume(db: Database) -> None:
    saved_settings.forget(db, PAUSED)
    events.record(events.QueueResumed())


def put_first(db: Database, episode_id: int) -> int:
    """Before all that is queued or waits; says how many jobs that moved."""
    return _put(db, episode_id, "max(priority) + 1")


def put_last(db: Database, episode_id: int) -> int:
    return _put(db, episode_id, "min(priority) - 1")


def _put(db: Database, episode_id: int, place: str) -> int:
    cursor = db.execute(
        f"UPDATE jobs SET priority = (SELECT {place} FROM jobs WHERE state IN ('queued', 'waiting') AND episode_id <> :id) "
        "WHERE episode_id = :id AND state IN ('queued', 'waiting') "
        "AND EXISTS (SELECT 1 FROM jobs WHERE state IN ('queued', 'waiting') AND episode_id <> :id)",
        {"id": episode_id},
    )
    return int(cursor.rowcount)


def put_aside(db: Database, episode_ids: Sequence[int], *, now: float) -> None:
    """Their episodes go to the trash: what is open is cancelled, a run that is under way loses its lease."""
    db.execute(
        "UPDATE jobs SET state = 'cancelled', token = token + 1, lease_until = 0, cancel_requested = 0, error = NULL, trashed = 1, "
        f"finished_at = ? WHERE state IN ('queued', 'running', 'waiting') AND episode_id IN ({', '.join('?' * len(episode_ids))})",
        [now, *episode_ids],
    )


def take_up(db: Database, episode_ids: Sequence[int]) -> None:
    """Their episodes come back from the trash: what was put aside goes on where it was, and the files are written again."""
    if not episode_ids:
        return  # SQLite walks the whole table for an empty IN ()
    marks = ", ".join("?" * len(episode_ids))
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, finished_at = NULL, trashed = 0 "
        f"WHERE trashed AND episode_id IN ({marks})",
        list(episode_ids),
    )
    _queued(cursor)
    for episode_id in episode_ids:
        publish_again(db, episode_id)


def fetch_again(db: Database, episode_id: int) -> bool:
    """The audio went, the rest is there: it is fetched without anything being done again. Says whether it is not on its way."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'fetch' AND state IN ('done', 'failed', 'cancelled', 'waiting')",
        [episode_id],
    )
    return _queued(cursor)


def try_fetch_again(db: Database, episode_id: int, *, tries: int = 0) -> None:
    """A fetch that failed or waits is due now, the stages after it as they are; `tries` are counted already."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = ?, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'fetch' AND state IN ('failed', 'waiting')",
        [tries, episode_id],
    )
    _queued(cursor)


def leave_fetched(db: Database, episode_id: int) -> None:
    """The fetch is done with what is here, whatever became of another one."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'done', token = token + 1, tries = 0, lease_until = 0, progress = 1, error = NULL "
        "WHERE episode_id = ? AND stage = 'fetch' AND state <> 'done'",
        [episode_id],
    )
    _queued(cursor)  # the stages after it


def wake_fetches(db: Database, feed_id: int, *, code: str) -> None:
    """The fetches of a feed's episodes that wait for this error to pass are due now."""
    cursor = db.execute(
        "UPDATE jobs SET not_before = 0 WHERE stage = 'fetch' AND state = 'waiting' AND json_extract(error, '$.code') = ? "
        "AND episode_id IN (SELECT id FROM episodes WHERE feed_id = ? AND deleted_at IS NULL)",
        [code, feed_id],
    )
    _queued(cursor)


def stopped_fetches(db: Database, feed_id: int) -> list[Job]:
    """The fetches of a feed's episodes that failed or wait, those in the trash left out."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM jobs JOIN episodes ON episodes.id = jobs.episode_id WHERE feed_id = ? AND stage = 'fetch' "
        "AND jobs.state IN ('failed', 'waiting') AND deleted_at IS NULL",
        [feed_id],
    )
    return [job_of(row) for row in rows]


def failed_fetches(db: Database, feed_id: int) -> list[Job]:
    """Those of a feed's episodes that failed, with the trash and what the feed does not list any more left out."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM jobs CROSS JOIN episodes ON episodes.id = jobs.episode_id WHERE jobs.stage = 'fetch' "
        "AND jobs.state = 'failed' AND feed_id = ? AND deleted_at IS NULL AND episodes.listed",
        [feed_id],
    )
    return [job_of(row) for row in rows]


def failed_of_feed(db: Database, feed_id: int, stage: str, *, code: str) -> list[int]:
    """Ids of a feed's episodes, those in the trash left out, whose stage failed with that error, for good or for now."""
    rows = db.execute(
        "SELECT episode_id FROM jobs JOIN episodes ON episodes.id = jobs.episode_id WHERE feed_id = ? AND stage = ? "
        "AND jobs.state IN ('failed', 'waiting') AND json_extract(jobs.error, '$.code') = ? AND deleted_at IS NULL",
        [feed_id, str(stage), code],
    )
    return [row["episode_id"] for row in rows]


def wake(db: Database, stage: str) -> int:
    """Makes waiting jobs of a stage claimable at once, because what they wait for may be there now; says how many."""
    cursor = db.execute("UPDATE jobs SET not_before = 0 WHERE stage = ? AND state = 'waiting'", [str(stage)])
    _queued(cursor)
    return int(cursor.rowcount)


# --- taking back --------------------------------------------------------------------------------------


def leases_expired(db: Database, *, now: float) -> bool:
    return db.execute("SELECT 1 FROM jobs WHERE state = 'running' AND lease_until < ? LIMIT 1", [now]).fetchone() is not None


def requeue_expired(db: Database, *, now: float) -> int:
    """Back to the queue with every job whose lease ran out, unless its cancel was asked for; says how many."""
    return _take_back(db, "lease_until < ?", [now])


def requeue_running(db: Database) -> int:
    """At the start: the data folder is locked by this process, so whatever is running belonged to one that is gone."""
    return _take_back(db, "1", [])


def _take_back(db: Database, which: str, values: Sequence[Any]) -> int:
    rows = db.execute(
        "UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END, token = token + 1, "
        f"lease_until = 0, cancel_requested = 0 WHERE state = 'running' AND {which} RETURNING id, episode_id, stage, state",
        values,
    ).fetchall()
    for job_id, episode_id, stage, state in rows:
        told = events.StepCancelled if state == "cancelled" else events.StepRequeued
        events.record(told(job_id=job_id, episode_id=episode_id, step=stage))
    return len(rows)


def publish_again(db: Database, episode_id: int) -> None:
    """The content of an episode changed: its files are to be written again, unless the user cancelled that."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'publish' AND state <> 'cancelled' AND NOT cancel_requested",
        [episode_id],
    )
    _queued(cursor)


def forget_checkpoints(db: Database, episode_id: int, stage: str) -> None:
    db.execute("DELETE FROM checkpoints WHERE episode_id = ? AND stage = ?", [episode_id, str(stage)])

"""The `jobs` table: its rows, and how they get into the queue and out of it.

    leases       a job from claim to finish, and back again      fetches      audio that is fetched once more
    queue_views  views of the queue                               queue_order  a pause, and the first place

Every change of a job's state is one function, here or there, which also records its event; the decisions are in
core/domain/jobs/job.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields

from core import events
from core.domain.jobs import step_graph
from core.domain.jobs.job import Job, Stage, State
from core.errors import Conflict, NotFound
from core.store.db.rows import columns, places
from core.store.db.sqlite import Database
from core.store.library import hear_again

COLUMNS = columns(Job, "jobs")
_WIDTH = len(fields(Job))
_STATE, _DETAIL, _ERROR, _CANCEL = places(Job, "state", "detail", "error", "cancel_requested")
_STATES = {each.value: each for each in State}


def job_of(row: sqlite3.Row) -> Job:
    """Build a job from a row that starts with COLUMNS, by position: a list of fifty episodes has two hundred jobs."""
    values = list(row)[:_WIDTH]
    values[_STATE] = _STATES[values[_STATE]]
    values[_DETAIL] = json.loads(detail) if (detail := values[_DETAIL]) != "{}" else {}
    values[_ERROR] = json.loads(error) if (error := values[_ERROR]) else None
    values[_CANCEL] = bool(values[_CANCEL])
    return Job(*values)


# --- asking -----------------------------------------------------------------------------------------


def get(db: Database, job_id: int) -> Job:
    """Return a job. Raises NotFound."""
    job = find(db, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.", id=job_id)
    return job


def find(db: Database, job_id: int) -> Job | None:
    row = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", [job_id]).fetchone()
    return None if row is None else job_of(row)


def of_episodes(db: Database, episode_ids: Sequence[int]) -> dict[int, list[Job]]:
    """Return jobs by episode, in the order of the steps."""
    marks = ", ".join("?" * len(episode_ids))
    found: dict[int, list[Job]] = {}
    rows = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE episode_id IN ({marks})", list(episode_ids))
    place = step_graph.current().place
    for job in sorted(map(job_of, rows), key=lambda job: place(job.stage)):
        found.setdefault(job.episode_id, []).append(job)
    return found


def of_episode(db: Database, episode_id: int) -> list[Job]:
    return of_episodes(db, [episode_id]).get(episode_id, [])


# --- filling the queue --------------------------------------------------------------------------------


def enqueue(db: Database, episode_id: int, *, priority: int, now: float, stages: Iterable[str] | None = None) -> None:
    """Add the missing steps of an episode (`stages` None: all registered).

    Existing ones stay unchanged, except for a higher priority.
    """
    for stage in step_graph.current().names if stages is None else stages:
        db.execute(
            "INSERT INTO jobs (episode_id, stage, state, priority, created_at) VALUES (?, ?, 'queued', ?, ?) "
            "ON CONFLICT (episode_id, stage) DO UPDATE SET priority = max(priority, excluded.priority)",
            [episode_id, str(stage), priority, now],
        )
        events.record(events.JobsQueued())


def rerun(db: Database, episode_id: int, stage: str, *, priority: int, afresh: bool) -> None:
    """Requeue a step and all that depend on it. `afresh` deletes its finished parts.

    Spans to be heard again run alone: steps that depend on the transcript follow if it has changed. A transcription from the
    start deletes the spans. Raises NotFound if the episode has no such job.
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
    """Requeue the transcribe stage alone, for the spans in `hear_again`."""
    if not _requeue(db, episode_id, Stage.TRANSCRIBE, priority=priority):
        enqueue(db, episode_id, priority=priority, now=now, stages=(Stage.TRANSCRIBE,))


def leave_as_heard(db: Database, episode_id: int) -> None:
    """Mark a failed hearing of spans as cancelled: the transcript stays as it was."""
    db.execute(
        "UPDATE jobs SET state = 'cancelled' WHERE episode_id = ? AND stage = 'transcribe' AND state = 'failed'", [episode_id]
    )


def begin_again(db: Database, episode_id: int, stage: str) -> None:
    """Restart a running stage because its input has changed; its finished parts are kept."""
    job = db.execute(
        "SELECT priority FROM jobs WHERE episode_id = ? AND stage = ? AND state = 'running'", [episode_id, str(stage)]
    )
    if (row := job.fetchone()) is not None:
        _requeue(db, episode_id, stage, priority=row[0])


def _requeue(db: Database, episode_id: int, stage: str, *, priority: int) -> bool:
    """Requeue the job; return whether it exists. A new token ends any lease, so the old run's result is refused."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', tries = 0, crashes = 0, faults = 0, token = token + 1, not_before = 0, lease_until = 0, progress = 0, "
        "detail = '{}', error = NULL, cancel_requested = 0, priority = max(priority, ?), started_at = NULL, finished_at = NULL "
        "WHERE episode_id = ? AND stage = ?",
        [priority, episode_id, str(stage)],
    )
    return tell_queued(cursor)


def tell_queued(cursor: sqlite3.Cursor) -> bool:
    """Return whether an UPDATE made jobs claimable, and record the event, which is published after the commit."""
    if cursor.rowcount:
        events.record(events.JobsQueued())
    return bool(cursor.rowcount)


def request_cancel(db: Database, job_id: int, *, now: float) -> Job:
    """Tell a running job to stop; cancel a queued or waiting one at once. Raises NotFound, Conflict."""
    job = get(db, job_id)
    if job.state is State.RUNNING:
        db.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ?", [job_id])
        events.record(events.CancelRequested(job_id=job.id, episode_id=job.episode_id, step=job.stage))
    elif job.state in (State.QUEUED, State.WAITING):
        db.execute("UPDATE jobs SET state = 'cancelled', finished_at = ?, error = NULL WHERE id = ?", [now, job_id])
        events.record(events.StepCancelled(job_id=job.id, episode_id=job.episode_id, step=job.stage))
    else:
        raise Conflict(
            f"The job is {job.state.value}; there is nothing to cancel.", state=job.state.value, case="nothing_to_cancel"
        )
    return get(db, job_id)


def suspend(db: Database, episode_ids: Sequence[int], *, now: float) -> None:
    """Cancel the unfinished jobs of episodes that go to the trash; active runs lose their lease."""
    db.execute(
        "UPDATE jobs SET state = 'cancelled', token = token + 1, lease_until = 0, cancel_requested = 0, error = NULL, trashed = 1, "
        f"finished_at = ? WHERE state IN ('queued', 'running', 'waiting') AND episode_id IN ({', '.join('?' * len(episode_ids))})",
        [now, *episode_ids],
    )


def resume(db: Database, episode_ids: Sequence[int]) -> None:
    """Resume the cancelled jobs of episodes that come back from the trash, and write their files again."""
    if not episode_ids:
        return  # SQLite scans the whole table for an empty IN ()
    marks = ", ".join("?" * len(episode_ids))
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, finished_at = NULL, trashed = 0 "
        f"WHERE trashed AND episode_id IN ({marks})",
        list(episode_ids),
    )
    tell_queued(cursor)
    for episode_id in episode_ids:
        publish_again(db, episode_id)


def failed_of_feed(db: Database, feed_id: int, stage: str, *, code: str) -> list[int]:
    """Return ids of a feed's episodes, without the trash, whose stage failed with that error, permanently or so far."""
    rows = db.execute(
        "SELECT episode_id FROM jobs JOIN episodes ON episodes.id = jobs.episode_id WHERE feed_id = ? AND stage = ? "
        "AND jobs.state IN ('failed', 'waiting') AND json_extract(jobs.error, '$.code') = ? AND deleted_at IS NULL",
        [feed_id, str(stage), code],
    )
    return [row["episode_id"] for row in rows]


def wake(db: Database, stage: str) -> int:
    """Make waiting jobs of a stage claimable at once, because their condition may be met; return their number."""
    cursor = db.execute("UPDATE jobs SET not_before = 0 WHERE stage = ? AND state = 'waiting'", [str(stage)])
    tell_queued(cursor)
    return int(cursor.rowcount)


# --- after a change of an episode ---------------------------------------------------------------------


def publish_again(db: Database, episode_id: int) -> None:
    """Queue the files of a changed episode to be written again, unless the user cancelled that."""
    cursor = db.execute(
        "UPDATE jobs SET state = 'queued', token = token + 1, tries = 0, crashes = 0, faults = 0, not_before = 0, progress = 0, error = NULL, "
        "finished_at = NULL WHERE episode_id = ? AND stage = 'publish' AND state <> 'cancelled' AND NOT cancel_requested",
        [episode_id],
    )
    tell_queued(cursor)


def forget_checkpoints(db: Database, episode_id: int, stage: str) -> None:
    db.execute("DELETE FROM checkpoints WHERE episode_id = ? AND stage = ?", [episode_id, str(stage)])

"""A job from claim to finish, and the `checkpoints` table: the finished parts of a running stage.

claim: a lease and a new token ─▶ heartbeat, add_checkpoint ─▶ finish, set_aside
another run claimed it meanwhile ─▶ the token is outdated ─▶ LeaseLost, and nothing is written
the server ended without a stop ─▶ take_back_crashed ─▶ jobs that were running twice are suspects: they run first, each alone
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from core import events
from core.domain.jobs import step_graph
from core.domain.jobs.job import LEASE_SECONDS, SUSPECT, Job, Next, State, after_crash
from core.domain.jobs.waits import condition
from core.errors import LeaseLost
from core.store.db.sqlite import Database
from core.store.jobs.jobs import COLUMNS, forget_checkpoints, get, job_of

_READY = """
    SELECT jobs.id, jobs.priority, jobs.state FROM jobs
    WHERE jobs.stage = :stage AND {which} AND jobs.state IN ('queued', 'waiting') AND jobs.not_before <= :now
      AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'queue_paused')
      {unless}
    ORDER BY jobs.priority DESC, jobs.state = 'waiting', jobs.id LIMIT 1"""
_REQUIRED = """AND NOT EXISTS (
        SELECT 1 FROM jobs AS earlier
        WHERE earlier.episode_id = jobs.episode_id AND earlier.stage IN ({steps}) AND earlier.state <> 'done')"""
# A step that is queued behind a stopped one cannot continue by itself either.
_AWAITED = """AND NOT EXISTS (
        SELECT 1 FROM jobs AS earlier
        WHERE earlier.episode_id = jobs.episode_id AND earlier.stage = '{step}' AND (earlier.state = 'running'
          OR (earlier.state = 'queued' AND NOT EXISTS (
            SELECT 1 FROM jobs AS stopped
            WHERE stopped.episode_id = jobs.episode_id AND stopped.stage IN ({steps})
              AND stopped.state IN ('waiting', 'failed', 'cancelled')))))"""


def _ready_sql(stage: str, which: str) -> str:
    """Return the SQL for the next job of a step, by the graph.

    Step names come from the graph, which rejects any that need quoting.
    """
    graph = step_graph.current()
    # An empty list would make SQLite scan the whole table.
    unless = [_REQUIRED.format(steps=_quoted(required))] if (required := graph.required(stage)) else []
    unless += [_AWAITED.format(step=each, steps=_quoted(graph.preceding(each))) for each in sorted(graph.awaited(stage))]
    return _READY.format(which=which, unless="\n      ".join(unless))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def ready(db: Database, stage: str, *, now: float) -> bool:
    """Return whether `claim` would find a job."""
    return next_job(db, stage, now=now) is not None


def next_job(db: Database, stage: str, *, now: float) -> Job | None:
    """Return the job that `claim` would take."""
    suspects = {row[0] for row in db.execute(f"SELECT state FROM jobs WHERE crashes >= {SUSPECT}")}
    if State.RUNNING in suspects:
        return None
    if suspects & {State.QUEUED, State.WAITING}:
        suspect = _next_suspect(db, now=now)
        if suspect is not None:
            # A suspect waits until it is alone, and nothing overtakes it: otherwise it might wait for ever.
            alone = db.execute("SELECT 1 FROM jobs WHERE state = 'running' LIMIT 1").fetchone() is None
            return suspect if suspect.stage == stage and alone else None
    row = db.execute(_ready_sql(stage, "1"), {"stage": str(stage), "now": now}).fetchone()
    return None if row is None else get(db, row["id"])


def _next_suspect(db: Database, *, now: float) -> Job | None:
    which = f"jobs.crashes >= {SUSPECT}"
    firsts = (db.execute(_ready_sql(name, which), {"stage": name, "now": now}).fetchone() for name in step_graph.current().names)
    found = [(-row["priority"], row["state"] == State.WAITING, row["id"]) for row in firsts if row is not None]
    return get(db, min(found)[2]) if found else None


def claim(db: Database, stage: str, *, now: float) -> Job | None:
    """Claim the next job of a step whose earlier steps are done, with a lease and a new token; None if there is none."""
    job = next_job(db, stage, now=now)
    if job is None:
        return None
    db.execute(
        "UPDATE jobs SET state = 'running', token = token + 1, lease_until = ?, started_at = ?, finished_at = NULL, progress = 0, "
        "detail = '{}', cancel_requested = 0 WHERE id = ?",
        [now + LEASE_SECONDS, now, job.id],
    )
    events.record(events.StepStarted(**_step(job)))
    return get(db, job.id)


def hold(db: Database, job: Job) -> Job:
    """Return the job's present row if the token still holds. Raises LeaseLost."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM jobs WHERE id = ? AND token = ? AND state = 'running'", [job.id, job.token]
    ).fetchone()
    if row is None:
        raise LeaseLost()
    return job_of(row)


def heartbeat(db: Database, job: Job, *, now: float, progress: float, detail: Mapping[str, Any]) -> Job:
    """Extend the lease and store the progress; return the job, which tells whether a cancel was requested. Raises LeaseLost."""
    db.execute(
        "UPDATE jobs SET lease_until = ?, progress = ?, detail = ? WHERE id = ? AND token = ? AND state = 'running'",
        [now + LEASE_SECONDS, progress, _dump(detail), job.id, job.token],
    )
    return hold(db, job)


def finish(db: Database, job: Job, *, now: float, detail: Mapping[str, Any]) -> None:
    """Mark the job as done and delete its checkpoints. Raises LeaseLost."""
    hold(db, job)
    db.execute(
        "UPDATE jobs SET state = 'done', progress = 1, detail = ?, error = NULL, tries = 0, crashes = 0, faults = 0, lease_until = 0, "
        "cancel_requested = 0, finished_at = ? WHERE id = ?",
        [_dump(detail), now, job.id],
    )
    forget_checkpoints(db, job.episode_id, job.stage)
    events.record(events.StepFinished(**_step(job)))


def set_aside(db: Database, job: Job, what: Next, *, now: float) -> None:
    """Apply a decision to a job that stopped without a result. Raises LeaseLost."""
    hold(db, job)
    db.execute(
        "UPDATE jobs SET state = ?, not_before = ?, tries = ?, error = ?, condition = ?, lease_until = 0, cancel_requested = 0, "
        "finished_at = ? WHERE id = ?",
        [
            what.state.value,
            what.not_before,
            what.tries,
            _dump(what.error),
            condition(what.error) if what.error and what.state is State.WAITING else None,
            None if what.state is State.QUEUED else now,
            job.id,
        ],
    )
    events.record(_stopped(job, what))


def add_checkpoint(db: Database, job: Job, key: str, payload: Mapping[str, Any], *, now: float) -> None:
    """Store a finished part of a running stage. Raises LeaseLost."""
    hold(db, job)
    db.execute(
        "INSERT OR REPLACE INTO checkpoints (episode_id, stage, key, payload, created_at) VALUES (?, ?, ?, ?, ?)",
        [job.episode_id, job.stage, key, _dump(payload), now],
    )
    db.execute("UPDATE jobs SET crashes = 0, faults = 0 WHERE id = ? AND crashes > 0", [job.id])


def take_back_crashed(db: Database, *, now: float, fault: bool) -> list[Job]:
    """At a start after an end without a stop: count a crash for every job that was running, and return them.

    `fault`: the server crashed or used up the memory; it was not only killed.
    """
    taken = []
    for row in db.execute(f"SELECT {COLUMNS} FROM jobs WHERE state = 'running'").fetchall():
        job = job_of(row)
        what, crashes, faults = after_crash(job, fault=fault)
        db.execute(
            "UPDATE jobs SET state = ?, crashes = ?, faults = ?, error = ?, token = token + 1, lease_until = 0, cancel_requested = 0, "
            "finished_at = ? WHERE id = ?",
            [what.state.value, crashes, faults, _dump(what.error), None if what.state is State.QUEUED else now, job.id],
        )
        events.record(_stopped(job, what))
        taken.append(get(db, job.id))
    return taken


def _step(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "episode_id": job.episode_id, "step": job.stage}


def _stopped(job: Job, what: Next) -> events.Event:
    error = what.error or {}
    said: dict[str, Any] = {"code": error.get("code", ""), "detail": error.get("detail", "")}
    match what.state:
        case State.WAITING:
            return events.StepWaiting(**_step(job), **said, until=what.not_before)
        case State.FAILED:
            return events.StepFailed(**_step(job), **said)
        case State.CANCELLED:
            return events.StepCancelled(**_step(job))
        case _:
            return events.StepRequeued(**_step(job))


def checkpoints(db: Database, episode_id: int, stage: str) -> dict[str, dict[str, Any]]:
    rows = db.execute(
        "SELECT key, payload FROM checkpoints WHERE episode_id = ? AND stage = ? ORDER BY key", [episode_id, str(stage)]
    )
    return {row["key"]: json.loads(row["payload"]) for row in rows}


def _dump(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


# --- taking back --------------------------------------------------------------------------------------


def leases_expired(db: Database, *, now: float) -> bool:
    return db.execute("SELECT 1 FROM jobs WHERE state = 'running' AND lease_until < ? LIMIT 1", [now]).fetchone() is not None


def requeue_expired(db: Database, *, now: float) -> int:
    """Requeue every job whose lease expired, unless its cancel was requested; return their number."""
    return _take_back(db, "lease_until < ?", [now])


def requeue_running(db: Database) -> int:
    """At a start, requeue all running jobs: this process holds the folder's lock, so they belonged to a process that is gone."""
    return _take_back(db, "1", [])


def requeue_steps(db: Database, steps: Collection[str]) -> int:
    """Requeue the running jobs of these steps, which keep their finished parts, and count no try; return their number."""
    return _take_back(db, f"stage IN ({', '.join('?' * len(steps))})", list(steps))


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

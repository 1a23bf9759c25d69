"""Durable jobs: one row a step of an episode, and the pure decisions about its next state.

    queued ──claim──▶ running ──commit──▶ done
      ▲  ▲               │ OutsideCondition ─▶ waiting ──retry_at──▶ (claimed again)
      │  │               │ a publisher's audio is not available ─▶ waiting, an hour to a week, ten tries ─▶ failed
      │  └── Transient ──┤ Permanent, or the last try ─▶ failed
      │                  │ cancel ─▶ cancelled
      │                  │ server stopped ─▶ queued (no try counted)
      └── retry, rerun ──┴ server died ─▶ queued; the third fault (tenth death) without progress ─▶ failed

A step may be claimed when the steps before it are done, or have settled (waiting, failed or cancelled) where it needs no more
than that. The order of steps is a graph: core.domain.jobs.step_graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core import errors

LEASE_SECONDS = 30.0
MAX_TRIES = 3
# A job fails after so many crashes of the server in which it made no progress.
MAX_CRASHES = 3
# The same where the cause of death is unknown: mostly a kill from outside, but something in the server may have ended it too.
MAX_UNTOLD = 10
# From this many crashes on a job runs alone: that shows whether it or another one brings the server down.
SUSPECT = MAX_CRASHES - 1
# For the audio of a feed's episode: publishers announce it before it is available, and their hosts fail for days.
PATIENT_TRIES = 10
PATIENT_FIRST = 3600.0
PATIENT_MOST = 7 * 24 * 3600.0
PATIENT_JITTER = 0.1
# Errors that may pass although nobody changes anything here.
_MAY_PASS = errors.codes(
    errors.EnclosureGone,
    errors.DownloadFailed,
    errors.NetworkUnreachable,
    errors.ServerBusy,
    # A captive portal's login page, or a host's own notice that it is out of order.
    errors.TextInPlace,
) | {errors.Transient.code}
PRIORITY_USER = 10
PRIORITY_AUTOMATIC = 0


class Stage(StrEnum):
    """The names of the built-in steps, as the database and the HTTP contract have them; plug-ins may add others."""

    FETCH = "fetch"
    TRANSCRIBE = "transcribe"
    SUMMARISE = "summarise"
    PUBLISH = "publish"


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.QUEUED, State.RUNNING, State.WAITING)
# The order in which states need attention; an episode shows the first one.
ATTENTION = (State.FAILED, State.RUNNING, State.WAITING, State.CANCELLED, State.QUEUED, State.DONE)


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the queue. `token` rises by one with every claim: a result is taken only from the holder of the newest.

    `not_before`, `lease_until`, `created_at`, `started_at`, `finished_at` are Unix seconds. `progress` is 0 to 1. `stage` is the
    name of its step, `detail` the step's own report: `{eta, real_time_factor, phase, done, total, ...}`.
    `crashes` counts deaths of the server while it ran, since its last progress; `faults` those that were the server's own: a
    fault in a library, all memory taken.
    """

    id: int
    episode_id: int
    stage: str
    state: State
    priority: int = PRIORITY_AUTOMATIC
    tries: int = 0
    crashes: int = 0
    faults: int = 0
    token: int = 0
    not_before: float = 0.0
    lease_until: float = 0.0
    progress: float = 0.0
    detail: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    cancel_requested: bool = False
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The next state of a job that stopped running without a result."""

    state: State
    not_before: float = 0.0
    tries: int = 0
    error: Mapping[str, Any] | None = None


def backoff(tries: int) -> float:
    """Return the seconds until try number `tries` + 1: 5, 25, 125, capped at ten minutes."""
    return float(min(5.0 * 5.0 ** max(tries - 1, 0), 600.0))


def patient_backoff(tries: int, *, jitter: float = 0.0) -> float:
    """Return the seconds until try number `tries` + 1 of a publisher's audio: 1, 2, 4 hours and so on, a week at most.

    `jitter` (0 to 1) adds up to a tenth: downloads that failed together do not retry together.
    """
    return float(min(PATIENT_FIRST * 2.0 ** min(max(tries - 1, 0), 16), PATIENT_MOST)) * (1.0 + PATIENT_JITTER * jitter)


def may_pass(error: Mapping[str, Any] | None) -> bool:
    """Return whether a publisher's audio that failed with this record may be available later: no answer, a refusal, a broken
    transfer.

    Not a file that is no audio, too large or at a blocked address. Credentials that a server rejects (401) are the user's to
    mend; a 403 comes from overloaded hosts and content delivery networks, too. No record (None) rules nothing out.
    """
    if error is None:
        return True
    code, status = error.get("code"), (error.get("params") or {}).get("status")
    return code in _MAY_PASS or (code == errors.AccessRefused.code and status == 403)


def try_after_poll(job: Job, *, now: float) -> int | None:
    """Return the count of tries with which a failed download is queued when a poll sees its entry again; None: leave it.

    A job that has used up its tries gets one more a week for as long as the publisher lists it.
    """
    if job.state is not State.FAILED or not may_pass(job.error):
        return None
    if job.tries < PATIENT_TRIES:
        return 0
    return PATIENT_TRIES - 1 if now - (job.finished_at or 0.0) >= PATIENT_MOST else None


def after_error(
    error: BaseException, job: Job, *, now: float, progressed: bool, patient: bool = False, jitter: float = 0.0
) -> Next:
    """Decide by the kind of the error; `progressed` says whether the run committed anything new before it failed.

    A run with progress does not count as a try: it will make progress next time too. `patient` is for the audio of a feed's
    episode: passing errors are retried for weeks, and a broken transfer resumes within seconds as long as it makes progress.
    """
    if patient and isinstance(error, errors.CastMindError) and may_pass(error.to_dict()):
        if progressed and isinstance(error, errors.Transient):
            return Next(State.QUEUED, not_before=now + backoff(1), tries=job.tries, error=error.to_dict())
        return _after_outage(error, job, now=now, jitter=jitter)
    match error:
        case errors.Cancelled():
            return Next(State.CANCELLED, tries=job.tries, error=None)
        case errors.ShuttingDown() | errors.LeaseLost():
            return Next(State.QUEUED, tries=job.tries)
        case errors.OutsideCondition():
            return Next(State.WAITING, not_before=now + error.retry_after, tries=job.tries, error=error.to_dict())
        case errors.Permanent() | errors.UserError():
            return Next(State.FAILED, tries=job.tries, error=error.to_dict())
        case errors.CastMindError():
            record = error.to_dict()
        case _:
            record = errors.CastMindError(f"{type(error).__name__}: {error}").to_dict()
    tries = job.tries if progressed else job.tries + 1
    if tries >= MAX_TRIES:
        if isinstance(error, errors.WorkerDied):
            record = errors.WorkerKeepsDying.after(error, tries).to_dict()
        return Next(State.FAILED, tries=tries, error=record)
    return Next(State.QUEUED, not_before=now + backoff(tries), tries=tries, error=record)


def after_crash(job: Job, *, fault: bool) -> tuple[Next, int, int]:
    """Return the next state of a job that ran when the server died, and its new `crashes` and `faults`.

    `fault`: the server crashed or took all memory. Other jobs ran beside this one and may be the cause: so it fails only after
    three crashes without progress, in the last of which it ran alone. A kill from outside says nothing of the jobs; as something
    inside may end the server as silently, such deaths are tolerated ten times.
    """
    crashes, faults = job.crashes + 1, job.faults + int(fault)
    if job.cancel_requested:
        return Next(State.CANCELLED, tries=job.tries), 0, 0
    times, most = (faults, MAX_CRASHES) if fault else (crashes, MAX_UNTOLD)
    if faults >= MAX_CRASHES or crashes >= MAX_UNTOLD:
        error = errors.ServerKeepsEnding(times=faults if faults >= MAX_CRASHES else crashes)
        return Next(State.FAILED, tries=job.tries, error=error.to_dict()), crashes, faults
    return Next(State.QUEUED, tries=job.tries, error=errors.ServerEnded(times=times, most=most).to_dict()), crashes, faults


def _after_outage(error: errors.CastMindError, job: Job, *, now: float, jitter: float) -> Next:
    tries = job.tries + 1
    if tries >= PATIENT_TRIES:
        return Next(State.FAILED, tries=tries, error=error.to_dict())
    wait = patient_backoff(tries, jitter=jitter)
    if isinstance(error, errors.ServerBusy):
        wait = max(wait, error.retry_after)
    return Next(State.WAITING, not_before=now + wait, tries=tries, error=error.to_dict())


def overall(jobs: Iterable[Job]) -> State | None:
    """Return the state among these jobs that needs attention first; None if there are none. `waits.shown` is what readers see."""
    # A list, because it is short, and hashing an Enum member takes longer than comparing it with all of them.
    states = [j.state for j in jobs]
    return next((state for state in ATTENTION if state in states), None)

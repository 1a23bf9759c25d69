"""Durable jobs: one row a step of an episode, and the pure decisions about what happens to it next.

    queued ──claim──▶ running ──commit──▶ done
      ▲  ▲               │ OutsideCondition ─▶ waiting ──retry_at──▶ (claimed again)
      │  │               │ a publisher's audio is not to be had ─▶ waiting, an hour to a week, ten tries ─▶ failed
      │  └── Transient ──┤ Permanent, or the last try ─▶ failed
      │                  │ cancel ─▶ cancelled
      │                  │ server stopped ─▶ queued (no try counted)
      └── retry, rerun ──┴ server ended without a word ─▶ queued; the third fault (tenth end) without getting further ─▶ failed

A step may be claimed when the steps before it are done, or have settled (waiting, failed or cancelled) where it needs no more
than that. Which come before which is a graph: core.domain.jobs.step_graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core import errors

LEASE_SECONDS = 30.0
MAX_TRIES = 3
# How often the server may break down while a job runs that gets no further, until it is given up.
MAX_CRASHES = 3
# The same where nothing tells why it ended: mostly it was killed from outside, but something in it may have ended it too.
MAX_UNTOLD = 10
# From so many on a job runs alone: whether it or another one brings the server down is known then.
SUSPECT = MAX_CRASHES - 1
# For the audio of a feed's episode: publishers announce it before it is there, and their hosts fail for days.
PATIENT_TRIES = 10
PATIENT_FIRST = 3600.0
PATIENT_MOST = 7 * 24 * 3600.0
PATIENT_JITTER = 0.1
# What may be otherwise the next time although nobody changes anything here.
_MAY_PASS = errors.codes(
    errors.EnclosureGone,
    errors.DownloadFailed,
    errors.NetworkUnreachable,
    errors.ServerBusy,
    # The page of a network that asks to sign in first, or of a host that says so that it is out of order.
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
# What an episode's state is chosen from: what needs attention first.
ATTENTION = (State.FAILED, State.RUNNING, State.WAITING, State.CANCELLED, State.QUEUED, State.DONE)


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the queue. `token` rises by one with every claim: a result is taken only from the holder of the newest.

    `not_before`, `lease_until`, `created_at`, `started_at`, `finished_at` are Unix seconds. `progress` is 0 to 1.
    `stage` is the name of its step, `detail` what that says of itself: `{eta, real_time_factor, phase, done, total, ...}`.
    `crashes` is how often the server ended without a word while it ran, since it last got further; `faults` how many of those
    ends were the server's own: a fault in a library, all memory taken.
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
    """What becomes of a job after it stopped running without a result."""

    state: State
    not_before: float = 0.0
    tries: int = 0
    error: Mapping[str, Any] | None = None


def backoff(tries: int) -> float:
    """Seconds until try number `tries` + 1: 5, 25, 125, capped at ten minutes."""
    return float(min(5.0 * 5.0 ** max(tries - 1, 0), 600.0))


def patient_backoff(tries: int, *, jitter: float = 0.0) -> float:
    """Seconds until try number `tries` + 1 of a publisher's audio: 1, 2, 4 hours and so on, a week at most.

    `jitter` (0 to 1) adds up to a tenth: what failed together does not come back together.
    """
    return float(min(PATIENT_FIRST * 2.0 ** min(max(tries - 1, 0), 16), PATIENT_MOST)) * (1.0 + PATIENT_JITTER * jitter)


def may_pass(error: Mapping[str, Any] | None) -> bool:
    """Whether a publisher's audio that failed with this record may be had later: no answer, a refusal, a broken transfer.

    Not a file that is no audio, too large or at an address that is not fetched. Credentials that a server does not know (401) are
    the user's to mend; a 403 is given by overloaded hosts and networks of delivery, too. No record (None) tells of nothing
    that stands against it.
    """
    if error is None:
        return True
    code, status = error.get("code"), (error.get("params") or {}).get("status")
    return code in _MAY_PASS or (code == errors.AccessRefused.code and status == 403)


def try_after_poll(job: Job, *, now: float) -> int | None:
    """With how many tries counted a failed fetch is queued when a poll sees its entry again; None: it is left as it is.

    What has used up its tries gets one more a week for as long as the publisher lists it.
    """
    if job.state is not State.FAILED or not may_pass(job.error):
        return None
    if job.tries < PATIENT_TRIES:
        return 0
    return PATIENT_TRIES - 1 if now - (job.finished_at or 0.0) >= PATIENT_MOST else None


def after_error(
    error: BaseException, job: Job, *, now: float, progressed: bool, patient: bool = False, jitter: float = 0.0
) -> Next:
    """Decides by the kind of the error; `progressed` says whether the run committed anything new before it failed.

    A run that got further is not counted as a try: it will get further next time too. `patient` is for the audio of a feed's
    episode: whatever may pass is tried again for weeks, and a transfer that breaks off goes on within seconds as long as it
    gets further.
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
    """What becomes of a job that was running when the server ended without a word; its `crashes` and `faults` from now on.

    `fault`: the server broke down or took all memory. That need not be this job's doing, others ran beside it: so it is given
    up only where it got no further three times, the last time alone. Who kills a server says nothing of its jobs; as something
    in it may have ended it as silently, such ends are borne ten times.
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
    """One state for an episode: what needs attention first. None when nothing was ever asked for (a feed's new episode)."""
    # A list: a handful, and to hash a member of an Enum takes longer than to compare it with all of them.
    states = [j.state for j in jobs]
    return next((state for state in ATTENTION if state in states), None)

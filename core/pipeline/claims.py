"""The database side of a run, wherever its step runs: the only place where a job's lease is taken and released.

take ─▶ Run ─▶ given ─▶ (the step) ─┬─ keep_part ─▶ lease still held? saved
                 ▲                  ├─ finish ────▶ lease still held? saved, done
                 │                  └─ set_aside ─▶ decide (domain.jobs.job.after_error) ─▶ queued, waiting, failed, cancelled
                 └─ beat: lease, progress ─▶ was a cancel requested? was the lease lost? ─▶ stop the run

For a run in a thread of this process, the runner sends the heartbeats. For a run in another process, that process does; the run
is given up if no message arrives for the length of a lease.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core import errors
from core.domain.jobs.job import LEASE_SECONDS, Job, State, after_error
from core.pipeline.step import Checkpoint, Need, Step, StepContext, StepInput
from core.settings import InForce
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials
from core.store.jobs import jobs, leases

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class ClaimedRun:
    """One claimed job. `claim` is the secret name under which a worker in another process holds it, "" for a thread of this
    process; `heard_at` is when that worker's last message arrived, in Unix seconds.
    """

    job: Job
    step: Step
    ctx: StepContext
    claim: str = ""
    heard_at: float = 0.0

    @property
    def names(self) -> dict[str, Any]:
        """Return the fields for the log."""
        return {"job_id": self.job.id, "episode_id": self.job.episode_id, "stage": self.job.stage}


class Claims:
    """The active runs. `wake` is called when there may be a job to claim; `rest` tells whether heavy steps rest. Thread-safe."""

    def __init__(
        self,
        store: Store,
        preferences: InForce,
        steps: Mapping[str, Step],
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        wake: Callable[[], None],
        rest: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._preferences = preferences
        self._steps = steps
        self._clock = clock
        self._random = random
        self._wake = wake
        self._rest = rest
        self._running: dict[tuple[int, int], ClaimedRun] = {}  # by id and token
        self._guard = threading.Condition()
        self._closed = False

    # --- claiming -----------------------------------------------------------------------------

    def take(self, name: str, claim: str = "") -> ClaimedRun | None:
        """Claim the next job of a step; return None if there is none, or the step is heavy and heavy steps rest."""
        if self.heavy(name) and self._rest():
            return None
        # Check with a cheap read first, so that idle lanes do not use the writer.
        if not leases.ready(self._store.read(), name, now=self._clock()):
            return None
        job = self._store.write(lambda db: self._claim(db, name))
        if job is None:
            return None
        run = ClaimedRun(job, self._steps[name], StepContext(lambda part: self.keep_part(run, part)), claim, self._clock())
        with self._guard:
            self._running[job.id, job.token] = run
            if self._closed:
                run.ctx.stop(errors.ShuttingDown())
        log.info("%s starts", name, extra=run.names)
        return run

    def _claim(self, db: Database, name: str) -> Job | None:
        """Claim, unless heavy steps began to rest meanwhile: what runs then was requeued before this."""
        resting = self.heavy(name) and self._rest()
        return None if resting else leases.claim(db, name, now=self._clock())

    def needs(self, name: str) -> frozenset[Need]:
        """Return the resources that a step needs."""
        return self._steps[name].needs

    def heavy(self, name: str) -> bool:
        """Return whether a step needs what a person at this computer may want for themselves."""
        return Need.GPU in self.needs(name)

    def after_earlier(self, run: ClaimedRun, timeout: float | None = None) -> bool:
        """Wait until no earlier run of the job is left; return whether that is so.

        A run that lost its lease may not have noticed yet, and would write the same files.
        """
        return self.end_runs(lambda other: other.id == run.job.id and other.token < run.job.token, timeout)

    def given(self, run: ClaimedRun) -> StepInput:
        """Return the input of the run's step, with the checkpoints of earlier runs, and credentials if the step declares them."""
        job, step = run.job, run.step
        with self._store.snapshot() as db:
            given = step.inputs(db, job, settings=self._preferences.values, now=self._clock())
            return replace(
                given,
                checkpoints=leases.checkpoints(db, job.episode_id, job.stage),
                credentials=feed_credentials.of_feed(db, self._vault, given.episode.feed_id) if step.credentials else None,
            )

    # --- while it runs ------------------------------------------------------------------------

    def held(self, claim: str) -> ClaimedRun:
        """Return the run that a worker in another process holds under this name, and note the time of its message.

        Raises LeaseLost.
        """
        with self._guard:
            for run in self._running.values():
                if claim and run.claim == claim:
                    run.heard_at = self._clock()
                    return run
        raise errors.LeaseLost()

    def beat(self, run: ClaimedRun) -> None:
        """Extend the lease and store the progress; stop the run if it is to end."""
        beat = partial(leases.heartbeat, job=run.job, now=self._clock(), progress=run.ctx.progress, detail=run.ctx.detail)
        try:
            latest = self._store.write(beat)
        except errors.LeaseLost as lost:
            run.ctx.stop(lost)
            return
        if latest.cancel_requested:
            run.ctx.stop(errors.Cancelled())

    def keep(self) -> None:
        """Send one heartbeat for each run of this process; requeue jobs whose holder vanished."""
        now = self._clock()
        with self._guard:
            running = list(self._running.values())
        for run in running:
            if not run.claim:
                self.beat(run)
            elif run.heard_at + LEASE_SECONDS < now:
                self._vanished(run)
        if leases.leases_expired(self._store.read(), now=now):
            self._store.write(lambda db: leases.requeue_expired(db, now=now))
            self._wake()

    def keep_part(self, run: ClaimedRun, part: Any) -> None:
        """Commit a Checkpoint, or a value that the step saves. Raises LeaseLost."""
        job = run.job

        def change(db: Database) -> None:
            leases.hold(db, job)
            if isinstance(part, Checkpoint):
                leases.add_checkpoint(db, job, part.key, part.payload, now=self._clock())
            else:
                run.step.save(db, job, part, now=self._clock())

        self._store.write(change)
        self._wake()

    def silent(self, seconds: float) -> list[ClaimedRun]:
        """Return the runs of this process whose step gave no sign of life for so long."""
        now = time.monotonic()
        with self._guard:
            return [run for run in self._running.values() if not run.claim and now - run.ctx.seen_at > seconds]

    def put_back(self, run: ClaimedRun) -> None:
        """Put the job of a stuck run back; the run ends as soon as it looks again, and its result is refused."""
        run.ctx.stop(errors.LeaseLost())
        self.set_aside(run, errors.Transient("The step hung, and was ended. What was finished is kept."))
        self.leave(run)

    # --- ending -------------------------------------------------------------------------------

    def finish(self, run: ClaimedRun, result: Any) -> None:
        """Save the result and end the job, in one transaction. Raises LeaseLost, and writes nothing then."""
        job, detail = run.job, run.ctx.detail

        def change(db: Database) -> None:
            leases.hold(db, job)
            run.step.save(db, job, result, now=self._clock())
            if jobs.find(db, job.id):  # fetched audio can belong to another episode; the job is deleted with its own
                leases.finish(db, job, now=self._clock(), detail=detail)

        self._store.write(change)
        log.info("%s is done", run.step.name, extra=run.names)

    def set_aside(self, run: ClaimedRun, error: BaseException) -> None:
        """Handle a run that stopped without a result: its job is requeued, waits, fails or is cancelled."""
        error, job = _full_disk(error), run.job
        following = after_error(
            error,
            job,
            now=self._clock(),
            progressed=run.ctx.progressed,
            patient=run.step.patient(self._store.read(), job),
            jitter=self._random(),
        )
        _log_outcome(run, error, following.state)
        try:
            self._store.write(lambda db: leases.set_aside(db, job, following, now=self._clock()))
        except errors.LeaseLost:
            log.info("%s was taken over meanwhile", run.step.name, extra=run.names)

    def leave(self, run: ClaimedRun) -> None:
        """Remove the run, whatever its outcome. Idempotent."""
        with self._guard:
            self._running.pop((run.job.id, run.job.token), None)
            self._guard.notify_all()
        self._wake()

    def end_runs(self, unwanted: Callable[[Job], bool], timeout: float | None = None) -> bool:
        """End the runs of the matching jobs and wait for them; return whether they have ended."""

        def left() -> list[StepContext]:
            return [run.ctx for run in self._running.values() if unwanted(run.job)]

        with self._guard:
            for ctx in left():
                ctx.stop(errors.LeaseLost())
            return self._guard.wait_for(lambda: not left(), timeout)

    def open(self) -> None:
        """Accept claims; also after `close`."""
        with self._guard:
            self._closed = False

    def close(self) -> None:
        """Tell every run to end. Runs of other processes are given up at once: their later messages are refused."""
        with self._guard:
            self._closed = True
            running = list(self._running.values())
        for run in running:
            run.ctx.stop(errors.ShuttingDown())
            if run.claim:
                self.set_aside(run, errors.ShuttingDown())
                self.leave(run)

    def _vanished(self, run: ClaimedRun) -> None:
        asked = jobs.find(self._store.read(), run.job.id)
        gone = errors.Transient("The worker that ran this step was not heard of any more. What was finished is kept.")
        self.set_aside(run, errors.Cancelled() if asked and asked.cancel_requested else gone)
        self.leave(run)


def _full_disk(error: BaseException) -> BaseException:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.DiskFull("The disk is full. What was finished is kept; the work continues when there is room.")
    return error


def _log_outcome(run: ClaimedRun, error: BaseException, state: State) -> None:
    name = run.step.name
    if isinstance(error, errors.Stopped | errors.OutsideCondition):
        log.info("%s is %s: %s", name, state.value, error, extra=run.names)
    elif isinstance(error, errors.CastMindError):
        log.warning("%s is %s: %s", name, state.value, error, extra=run.names)
    else:
        log.error("%s is %s after an unexpected error", name, state.value, exc_info=error, extra=run.names)

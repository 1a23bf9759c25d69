"""Claims jobs, has their steps run, commits the results. The only place where a job's lease is taken and given up.

lane thread, one or more a step:
    claim ─▶ the step's inputs ─▶ executor runs it ─┬─ result ─▶ one transaction: lease still held? save, done
                                                    └─ error ──▶ decide (core.domain.jobs.job.after_error) ─▶ set aside
keeper thread, each second:
    heartbeat of each running job (lease, progress) ─▶ was a cancel asked for? was the lease lost? ─▶ stop the run
"""

from __future__ import annotations

import errno
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from core import errors
from core.domain.jobs.job import Job, State, after_error
from core.pipeline.executor import Executor
from core.pipeline.step import Checkpoint, Step, StepContext, StepInput
from core.settings import InForce
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials as feed_access
from core.store.jobs import jobs, leases

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0


class Runner:
    """`start()` runs the lanes; a test calls `step(name)` and `keep()` itself. `steps` are the registered ones, by name."""

    def __init__(
        self,
        store: Store,
        preferences: InForce,
        steps: Mapping[str, Step],
        executor: Executor,
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._preferences = preferences
        self._steps = steps
        self._executor = executor
        self._clock = clock
        self._random = random
        self._running: dict[tuple[int, int], tuple[Job, StepContext]] = {}  # by id and token
        self._guard = threading.Condition()
        self._stopping = threading.Event()
        self._bells = {name: threading.Event() for name in steps}
        self._keeper_bell = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Also after a stop. A thread that outlived it keeps the event that told it to end."""
        self._stopping = threading.Event()
        self._threads.clear()
        for name, step in self._steps.items():
            for number in range(step.lanes):
                self._spawn(f"{name}-{number}", partial(self._lane, name))
        self._spawn("keeper", self._keeper)

    def stop(self, timeout: float = 5.0) -> bool:
        """Tells every run to end and puts the jobs back into the queue; waits up to `timeout` seconds for the threads.

        Says whether all have ended.
        """
        self._stopping.set()
        with self._guard:
            for _, ctx in self._running.values():
                ctx.stop(errors.ShuttingDown())
        self.wake()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def abandon(self, episode_id: int, timeout: float = 5.0) -> None:
        """The episode is gone: ends its runs and waits up to `timeout` seconds, so that none writes a file afterwards."""
        self._end_runs(lambda job: job.episode_id == episode_id, timeout)

    def alive(self) -> bool:
        """Whether every lane still runs."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        """There may be something to do, or to stop: lanes and keeper look at once."""
        self._keeper_bell.set()
        for bell in self._bells.values():
            bell.set()

    def _spawn(self, name: str, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, name=f"pipeline-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _lane(self, name: str) -> None:
        bell, stopping = self._bells[name], self._stopping
        while not stopping.is_set():
            bell.clear()
            try:
                busy = self.step(name)
            except Exception:
                # A full disk or a locked file: the job's lease runs out and it is claimed again.
                log.exception("the %s lane stumbled; it goes on", name)
                busy = False
            if not busy:
                bell.wait(IDLE_SECONDS)

    def _keeper(self) -> None:
        stopping = self._stopping
        while not stopping.is_set():
            self._keeper_bell.wait(HEARTBEAT_SECONDS)
            self._keeper_bell.clear()
            try:
                self.keep()
            except Exception:
                log.exception("a heartbeat could not be written; trying again")

    # --- steps --------------------------------------------------------------------------------

    def step(self, name: str) -> bool:
        """Claims and runs one job of a step; says whether there was one."""
        # A cheap look first, so that idle lanes do not bother the writer.
        if not leases.ready(self._store.read(), name, now=self._clock()):
            return False
        job = self._store.write(partial(leases.claim, stage=name, now=self._clock()))
        if job is None:
            return False
        self._run(job, self._steps[name])
        self.wake()
        return True

    def keep(self) -> None:
        """One heartbeat of every running job; jobs whose holder vanished go back to the queue."""
        now = self._clock()
        with self._guard:
            running = list(self._running.values())
        for job, ctx in running:
            beat = partial(leases.heartbeat, job=job, now=now, progress=ctx.progress, detail=ctx.detail)
            try:
                latest = self._store.write(beat)
            except errors.LeaseLost as lost:
                ctx.stop(lost)
                continue
            if latest.cancel_requested:
                ctx.stop(errors.Cancelled())
        if jobs.leases_expired(self._store.read(), now=now):
            self._store.write(lambda db: jobs.requeue_expired(db, now=now))
            self.wake()

    def _run(self, job: Job, step: Step) -> None:
        ctx = StepContext(lambda part: self._commit_part(job, step, part))
        with self._guard:
            self._running[job.id, job.token] = (job, ctx)
        if self._stopping.is_set():
            ctx.stop(errors.ShuttingDown())
        log.info("%s starts", step.name, extra=_names(job))
        try:
            # A run that lost its lease may not have noticed yet; it would write the same files.
            self._end_runs(lambda other: other.id == job.id and other.token < job.token)
            ctx.check()
            result = self._executor.run(step, self._gather(job, step), ctx)
            ctx.check()
            self._commit(job, step, result, ctx.detail)
        except BaseException as error:
            self._set_aside(job, step, _full_disk(error), ctx)
        else:
            log.info("%s is done", step.name, extra=_names(job))
        finally:
            with self._guard:
                self._running.pop((job.id, job.token))
                self._guard.notify_all()

    def _end_runs(self, unwanted: Callable[[Job], bool], timeout: float | None = None) -> None:
        def left() -> list[StepContext]:
            return [ctx for job, ctx in self._running.values() if unwanted(job)]

        with self._guard:
            for ctx in left():
                ctx.stop(errors.LeaseLost())
            self._guard.wait_for(lambda: not left(), timeout)

    def _gather(self, job: Job, step: Step) -> StepInput:
        with self._store.snapshot() as db:
            given = step.inputs(db, job, settings=self._preferences.values, now=self._clock())
            return replace(
                given,
                checkpoints=leases.checkpoints(db, job.episode_id, job.stage),
                credentials=feed_access.of_feed(db, self._vault, given.episode.feed_id) if step.credentials else None,
            )

    def _commit_part(self, job: Job, step: Step, part: Any) -> None:
        def change(db: Database) -> None:
            leases.hold(db, job)
            if isinstance(part, Checkpoint):
                leases.add_checkpoint(db, job, part.key, part.payload, now=self._clock())
            else:
                step.save(db, job, part, now=self._clock())

        self._store.write(change)
        self.wake()

    def _commit(self, job: Job, step: Step, result: Any, detail: Mapping[str, Any]) -> None:
        def change(db: Database) -> None:
            leases.hold(db, job)
            step.save(db, job, result, now=self._clock())
            if jobs.find(db, job.id):  # fetched audio can turn out to be another episode's, and the job goes with its own
                leases.finish(db, job, now=self._clock(), detail=detail)

        self._store.write(change)

    def _set_aside(self, job: Job, step: Step, error: BaseException, ctx: StepContext) -> None:
        following = after_error(
            error,
            job,
            now=self._clock(),
            progressed=ctx.progressed,
            patient=step.patient(self._store.read(), job),
            jitter=self._random(),
        )
        _log_outcome(job, error, following.state)
        try:
            self._store.write(lambda db: leases.set_aside(db, job, following, now=self._clock()))
        except errors.LeaseLost:
            log.info("%s was taken over meanwhile", step.name, extra=_names(job))


def _full_disk(error: BaseException) -> BaseException:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.DiskFull("The disk is full. What was finished is kept; the work goes on when there is room.")
    return error


def _log_outcome(job: Job, error: BaseException, state: State) -> None:
    if isinstance(error, errors.Stopped | errors.OutsideCondition):
        log.info("%s is %s: %s", job.stage, state.value, error, extra=_names(job))
    elif isinstance(error, errors.CastMindError):
        log.warning("%s is %s: %s", job.stage, state.value, error, extra=_names(job))
    else:
        log.error("%s is %s after an unexpected error", job.stage, state.value, exc_info=error, extra=_names(job))


def _names(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "episode_id": job.episode_id, "stage": job.stage}

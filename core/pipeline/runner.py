"""Claims jobs, runs their stages, commits what they leave. The only place where a job's lease is taken and given up.

lane thread, one or more a stage:
    claim ─▶ gather what the stage is given ─▶ run ─┬─ result ─▶ one transaction: lease still held? save, done
                                                    └─ error ──▶ decide (core.domain.job.after_error) ─▶ set aside
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
from functools import partial
from typing import Any

from core import errors
from core.domain.episode import Source
from core.domain.job import Job, Stage, State, after_error
from core.pipeline.exports import gather
from core.pipeline.merging import merge
from core.pipeline.preferences import Preferences
from core.pipeline.results import Fetched, Part, Result, save
from core.pipeline.supplied import to_compare
from core.pipeline.work import Given, StageRun, Work
from core.store import access as feed_access
from core.store import episodes, hear_again, jobs, leases, notes, supplied, transcripts
from core.store.db import Store
from core.store.vault import Vault

log = logging.getLogger(__name__)

LANES: Mapping[Stage, int] = {Stage.FETCH: 2, Stage.TRANSCRIBE: 1, Stage.SUMMARISE: 1, Stage.PUBLISH: 1}
IDLE_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0


class Runner:
    """`start()` runs the lanes; a test calls `step(stage)` and `keep()` itself."""

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        stages: Mapping[Stage, StageRun],
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._preferences = preferences
        self._stages = stages
        self._clock = clock
        self._random = random
        self._running: dict[tuple[int, int], tuple[Job, Work]] = {}  # by id and token
        self._guard = threading.Condition()
        self._stopping = threading.Event()
        self._bells = {stage: threading.Event() for stage in Stage}
        self._keeper_bell = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Also after a stop. A thread that outlived it keeps the event that told it to end."""
        self._stopping = threading.Event()
        self._threads.clear()
        for stage, count in LANES.items():
            for number in range(count):
                self._spawn(f"{stage.value}-{number}", partial(self._lane, stage))
        self._spawn("keeper", self._keeper)

    def stop(self, timeout: float = 5.0) -> bool:
        """Tells every run to end and puts the jobs back into the queue; waits up to `timeout` seconds for the threads.

        Says whether all have ended.
        """
        self._stopping.set()
        with self._guard:
            for _, work in self._running.values():
                work.stop(errors.ShuttingDown())
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

    def _lane(self, stage: Stage) -> None:
        bell, stopping = self._bells[stage], self._stopping
        while not stopping.is_set():
            bell.clear()
            try:
                busy = self.step(stage)
            except Exception:
                # A full disk or a locked file: the job's lease runs out and it is claimed again.
                log.exception("the %s lane stumbled; it goes on", stage.value)
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

    def step(self, stage: Stage) -> bool:
        """Claims and runs one job of a stage; says whether there was one."""
        # A cheap look first, so that idle lanes do not bother the writer.
        if not leases.ready(self._store.read(), stage, now=self._clock()):
            return False
        job = self._store.write(partial(leases.claim, stage=stage, now=self._clock()))
        if job is None:
            return False
        self._run(job)
        self.wake()
        return True

    def keep(self) -> None:
        """One heartbeat of every running job; jobs whose holder vanished go back to the queue."""
        now = self._clock()
        with self._guard:
            running = list(self._running.values())
        for job, work in running:
            beat = partial(leases.heartbeat, job=job, now=now, progress=work.progress, detail=work.detail)
            try:
                latest = self._store.write(beat)
            except errors.LeaseLost as lost:
                work.stop(lost)
                continue
            if latest.cancel_requested:
                work.stop(errors.Cancelled())
        if jobs.leases_expired(self._store.read(), now=now):
            self._store.write(lambda db: jobs.requeue_expired(db, now=now))
            self.wake()

    def _run(self, job: Job) -> None:
        work = Work(lambda part: self._commit_part(job, part))
        with self._guard:
            self._running[job.id, job.token] = (job, work)
        if self._stopping.is_set():
            work.stop(errors.ShuttingDown())
        log.info("%s starts", job.stage.value, extra=_names(job))
        try:
            # A run that lost its lease may not have noticed yet; it would write the same files.
            self._end_runs(lambda other: other.id == job.id and other.token < job.token)
            work.check()
            given = self._gather(job)
            result = self._stages[job.stage](given, work)
            work.check()
            self._commit(job, result, work.detail)
        except BaseException as error:
            self._set_aside(job, _full_disk(error), work)
        else:
            log.info("%s is done", job.stage.value, extra=_names(job))
        finally:
            with self._guard:
                self._running.pop((job.id, job.token))
                self._guard.notify_all()

    def _end_runs(self, unwanted: Callable[[Job], bool], timeout: float | None = None) -> None:
        def left() -> list[Work]:
            return [work for job, work in self._running.values() if unwanted(job)]

        with self._guard:
            for work in left():
                work.stop(errors.LeaseLost())
            self._guard.wait_for(lambda: not left(), timeout)

    def _gather(self, job: Job) -> Given:
        with self._store.snapshot() as db:
            values = self._preferences.values
            newest = notes.current(db, job.episode_id)
            listed = episodes.listed(db, job.episode_id)
            fetches = job.stage is Stage.FETCH
            transcribes = job.stage is Stage.TRANSCRIBE
            again = hear_again.of_episode(db, job.episode_id) if transcribes else ()
            needs_text = job.stage in (Stage.SUMMARISE, Stage.PUBLISH) or bool(again)
            return Given(
                job=job,
                episode=listed.episode,
                settings=values,
                transcript=transcripts.find(db, job.episode_id) if needs_text else None,
                notes=newest.notes if newest else None,
                material=gather(db, job.episode_id) if job.stage is Stage.PUBLISH else None,
                offers=tuple(supplied.untried(db, job.episode_id)) if fetches else (),
                access=feed_access.of_feed(db, self._vault, listed.episode.feed_id) if fetches else None,
                published=to_compare(db, listed.episode, values.publisher_transcript) if transcribes else None,
                again=again,
                checkpoints=leases.checkpoints(db, job.episode_id, job.stage),
                coming=self._coming(db) if transcribes else None,
            )

    def _coming(self, db: Any) -> str | None:
        following = leases.next_job(db, Stage.TRANSCRIBE, now=self._clock())
        return episodes.get(db, following.episode_id).media_path if following else None

    def _commit_part(self, job: Job, part: Part) -> None:
        def change(db: Any) -> None:
            leases.hold(db, job)
            save(db, job, part, now=self._clock())

        self._store.write(change)
        self.wake()

    def _commit(self, job: Job, result: Result, detail: Mapping[str, Any]) -> None:
        def change(db: Any) -> None:
            leases.hold(db, job)
            if isinstance(result, Fetched) and merge(db, job, result, now=self._clock()):
                return  # the job went with its episode
            save(db, job, result, now=self._clock())
            leases.finish(db, job, now=self._clock(), detail=detail)

        self._store.write(change)

    def _set_aside(self, job: Job, error: BaseException, work: Work) -> None:
        what = after_error(
            error, job, now=self._clock(), progressed=work.progressed, patient=self._patient(job), jitter=self._random()
        )
        _log_outcome(job, error, what.state)
        try:
            self._store.write(lambda db: leases.set_aside(db, job, what, now=self._clock()))
        except errors.LeaseLost:
            log.info("%s was taken over meanwhile", job.stage.value, extra=_names(job))

    def _patient(self, job: Job) -> bool:
        """Whether it fetches what a publisher offers, and nobody waits before the screen."""
        if job.stage is not Stage.FETCH:
            return False
        episode = episodes.find(self._store.read(), job.episode_id)
        return episode is not None and episode.source is Source.FEED


def _full_disk(error: BaseException) -> BaseException:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.DiskFull("The disk is full. What was finished is kept; the work goes on when there is room.")
    return error


def _log_outcome(job: Job, error: BaseException, state: State) -> None:
    if isinstance(error, errors.Stopped | errors.OutsideCondition):
        log.info("%s is %s: %s", job.stage.value, state.value, error, extra=_names(job))
    elif isinstance(error, errors.CastMindError):
        log.warning("%s is %s: %s", job.stage.value, state.value, error, extra=_names(job))
    else:
        log.error("%s is %s after an unexpected error", job.stage.value, state.value, exc_info=error, extra=_names(job))


def _names(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "episode_id": job.episode_id, "stage": job.stage.value}

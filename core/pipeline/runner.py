"""Claim jobs and run their steps in threads of this process. The database side is claims.py.

lane thread, one or more per step:
    take ─▶ the step's inputs ─▶ executor runs it ─┬─ result ─▶ finish
                                                   └─ error ──▶ set aside
keeper thread, each second:
    send a heartbeat for each running job; requeue jobs whose holder vanished
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from structlog.contextvars import bound_contextvars

from core.pipeline.claims import ClaimedRun, Claims
from core.pipeline.executor import Executor
from core.pipeline.step import Step
from core.settings import InForce
from core.store.db.database import Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0


class Runner:
    """`start()` runs the lanes; a test calls `step(name)` and `keep()` itself. `steps` are the registered ones, by name.

    `claims` holds the runs, also those of workers in other processes (remote_runs.py). A step without lanes runs in workers only.
    """

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
        self.claims = Claims(store, preferences, steps, clock=clock, random=random, wake=self.wake)
        self._steps = steps
        self._executor = executor
        self._stopping = threading.Event()
        self._bells = {name: threading.Event() for name in steps}
        self._keeper_bell = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads; also after a stop. A thread that outlived it keeps the event that told it to end."""
        self._stopping = threading.Event()
        self.claims.open()
        self._threads.clear()
        for name, step in self._steps.items():
            for number in range(step.lanes):
                self._spawn(f"{name}-{number}", partial(self._lane, name))
        self._spawn("keeper", self._keeper)

    def stop(self, timeout: float = 5.0) -> bool:
        """Tell every run to end and requeue the jobs; wait up to `timeout` seconds for the threads.

        Returns whether all have ended.
        """
        self._stopping.set()
        self.claims.close()
        self.wake()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def abandon(self, episode_id: int, timeout: float = 5.0) -> None:
        """End the runs of a deleted episode and wait up to `timeout` seconds, so that none of them writes a file afterwards."""
        self.claims.end_runs(lambda job: job.episode_id == episode_id, timeout)

    def alive(self) -> bool:
        """Return whether every lane still runs."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        """Let lanes and keeper look at once for jobs to claim or runs to stop."""
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
                # A full disk or a locked file: the job's lease expires, and it is claimed again.
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
        """Claim and run one job of a step; return whether there was one."""
        run = self.claims.take(name)
        if run is None:
            return False
        with bound_contextvars(**run.names):
            self._run(run)
        return True

    def keep(self) -> None:
        """Send one heartbeat for every run; requeue jobs whose holder vanished."""
        self.claims.keep()

    def _run(self, run: ClaimedRun) -> None:
        try:
            self.claims.after_earlier(run)
            run.ctx.check()
            result = self._executor.run(run.step, self.claims.given(run), run.ctx)
            run.ctx.check()
            self.claims.finish(run, result)
        except BaseException as error:
            self.claims.set_aside(run, error)
        finally:
            self.claims.leave(run)

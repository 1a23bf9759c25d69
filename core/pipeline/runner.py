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
from weakref import WeakSet

from structlog.contextvars import bound_contextvars

from core.background.thread_group import ThreadGroup
from core.pipeline.claims import ClaimedRun, Claims
from core.pipeline.executor import Executor
from core.pipeline.step import Step
from core.settings import InForce
from core.store.db.database import Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0
# Everything that runs for longer asks now and then whether it is to end.
SILENT_SECONDS = 1800.0


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
        rest: Callable[[], bool] = lambda: False,
    ) -> None:
        self.claims = Claims(store, preferences, steps, clock=clock, random=random, wake=self.wake, rest=rest)
        self._steps = steps
        self._executor = executor
        self._stopping = threading.Event()
        self._bells = {name: threading.Event() for name in steps}
        self._keeper_bell = threading.Event()
        self.threads = ThreadGroup()
        # Threads that hung and were replaced; weak, so that they go with the thread.
        self._left: WeakSet[threading.Thread] = WeakSet()
        self._runs_in: dict[tuple[int, int], threading.Thread] = {}

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads; also after a stop. A thread that outlived it keeps the event that told it to end."""
        self._stopping = threading.Event()
        self.claims.open()
        self.threads.begin()
        for name, step in self._steps.items():
            for number in range(step.lanes):
                self.threads.spawn(f"pipeline-{name}-{number}", partial(self._lane, name, self._stopping))
        self.threads.spawn("pipeline-keeper", partial(self._keeper, self._stopping))

    def stop(self, timeout: float = 5.0) -> bool:
        """Tell every run to end and requeue the jobs; wait up to `timeout` seconds for the threads.

        Returns whether all have ended.
        """
        self._stopping.set()
        self.claims.close()
        self.wake()
        return self.threads.join(timeout)

    def abandon(self, episode_id: int, timeout: float = 5.0) -> None:
        """End the runs of a deleted episode and wait up to `timeout` seconds, so that none of them writes a file afterwards."""
        self.claims.end_runs(lambda job: job.episode_id == episode_id, timeout)

    def heavy(self) -> list[str]:
        """Return the names of the heavy steps."""
        return [name for name in self._steps if self.claims.heavy(name)]

    def alive(self) -> bool:
        """Return whether every lane still runs."""
        return self.threads.alive()

    def wake(self) -> None:
        """Let lanes and keeper look at once for jobs to claim or runs to stop."""
        self._keeper_bell.set()
        for bell in self._bells.values():
            bell.set()

    def stuck(self) -> bool:
        """Return whether a run gave no sign of life for so long that its thread hangs."""
        return bool(self.claims.silent(SILENT_SECONDS))

    def free_stuck(self) -> list[str]:
        """Put the jobs of stuck runs back and leave their threads to themselves; return what was stuck."""
        freed = []
        for run in self.claims.silent(SILENT_SECONDS):
            self.claims.put_back(run)
            freed.append(f"job {run.job.id} ({run.job.stage})")
            if (thread := self._runs_in.get((run.job.id, run.job.token))) is not None:
                self._left.add(thread)
                self.threads.replace(thread)
        return freed

    def _lane(self, name: str, stopping: threading.Event) -> None:
        bell, me = self._bells[name], threading.current_thread()
        # A thread that hung and was replaced ends when it comes back.
        while not stopping.is_set() and me not in self._left:
            bell.clear()
            try:
                busy = self.step(name)
            except Exception:
                # A full disk or a locked file: the job's lease expires, and it is claimed again.
                log.exception("the %s lane stumbled; it goes on", name)
                busy = False
            if not busy:
                bell.wait(IDLE_SECONDS)

    def _keeper(self, stopping: threading.Event) -> None:
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
        key = (run.job.id, run.job.token)
        self._runs_in[key] = threading.current_thread()
        try:
            self.claims.after_earlier(run)
            run.ctx.check()
            result = self._executor.run(run.step, self.claims.given(run), run.ctx)
            run.ctx.check()
            self.claims.finish(run, result)
        except BaseException as error:
            self.claims.set_aside(run, error)
        finally:
            self._runs_in.pop(key, None)
            self.claims.leave(run)

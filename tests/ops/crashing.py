"""A whole CastMind in which one job brings the process down: `python -m tests.ops.crashing data stage how`.

The poison job waits until two other jobs run beside it, then ends the process. Those two wait until they run alone, or until
the poison job has failed. Once the queue is empty, the server stops in good order. The kernel's facts (boot id, processes
killed for memory) are in files of the data folder.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from core import app, settings
from core.domain.jobs.job import OPEN, SUSPECT, Job, Stage, State
from core.ops.last_run import LastRun
from core.pipeline.step import Step, StepContext, StepInput
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, queue_views
from core.store.library import episodes
from tests.runner_fixture import RESULTS

POISON = "Poison"
CURED = "cured"
BOOT_ID = "boot_id"
VMSTAT = "vmstat"


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def take_all_memory(data: Path) -> None:
    count = int((data / VMSTAT).read_text().split()[-1])
    (data / VMSTAT).write_text(f"pgmajfault 7\noom_kill {count + 1}\n")
    kill()


def lose_power(data: Path) -> None:
    (data / BOOT_ID).write_text(f"{uuid.uuid4()}\n")
    kill()


ENDS: dict[str, Callable[[Path], object]] = {
    "killed": lambda _: kill(),
    "memory": take_all_memory,
    "power": lose_power,
    "segfault": lambda _: ctypes.string_at(0),
    "abort": lambda _: os.abort(),
    "exit": lambda _: os._exit(1),
}


def fill(db: Database, stage: Stage) -> None:
    """A job each: the poison's, and those of two episodes that run beside it because they are at other stages."""
    others = [each for each in Stage if each is not stage][:2]
    for title, only in ((f"At {others[0]}", others[0]), (POISON, stage), (f"At {others[1]}", others[1])):
        episode_id = episodes.add(db, {"title": title, "source": "upload"}, now=1.0)
        jobs.enqueue(db, episode_id, priority=0, now=1.0, stages=[only])


def all_jobs(store: Store) -> list[Job]:
    return queue_views.in_states(store.read(), list(State))


class Poisoned:
    """An executor: the job of the poison ends the process once all jobs run, or once it runs alone."""

    def __init__(self, store: Store, data: Path, how: str) -> None:
        self._store, self._data, self._how = store, data, how

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any:
        return run(self._store, self._data, self._how, step.name, given, ctx)


def run(store: Store, data: Path, how: str, name: str, given: StepInput, ctx: StepContext) -> Any:
    while how != CURED:
        ctx.check()
        listed = all_jobs(store)
        alone = given.job.crashes >= SUSPECT
        if given.episode.title != POISON:
            if alone or any(job.state is State.FAILED for job in listed):
                break
        elif alone or sum(job.state is State.RUNNING for job in listed) == len(listed):
            ENDS[how](data)
        time.sleep(0.01)
    return RESULTS[name]


def main(data: Path, stage: Stage, how: str) -> None:
    environ = {"CASTMIND_ENV": "test", "CASTMIND_DATA_DIR": str(data), "OLLAMA_HOST": "http://127.0.0.1:9"}
    castmind = app.build(settings.load({}, environ=environ))
    for name, first in ((BOOT_ID, f"{uuid.uuid4()}\n"), (VMSTAT, "pgmajfault 5\noom_kill 3\n")):
        if not (data / name).exists():
            (data / name).write_text(first)
    castmind._last_run = LastRun(data, boot_id=data / BOOT_ID, vmstat=data / VMSTAT)
    store = castmind._store
    castmind._runner._executor = Poisoned(store, data, how)
    castmind.start()
    if not all_jobs(store):
        store.write(partial(fill, stage=stage))
    while any(job.state in OPEN for job in all_jobs(store)):
        time.sleep(0.02)
    castmind.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Stage(sys.argv[2]), sys.argv[3])

"""A whole CastMind in which one job brings the process down: `python -m tests.ops.crashing data stage how`.

The poison waits until two other jobs run beside it, then ends the process. Those do not end before they run alone, or it is
given up. Once nothing is left to be done, the server ends in good order.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from core import app, settings
from core.domain.job import OPEN, SUSPECT, Job, Stage, State
from core.pipeline.results import Result
from core.pipeline.work import Given, Work
from core.store import episodes, jobs
from core.store.db import Store
from tests.pipeline.rig import RESULTS

POISON = "Poison"
CURED = "cured"
ENDS: dict[str, Callable[[], object]] = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "exit": lambda: os._exit(1),
}


def fill(db: Any, stage: Stage) -> None:
    """A job each: the poison's, and those of two episodes that run beside it because they are at other stages."""
    others = [each for each in Stage if each is not stage][:2]
    for title, only in ((f"At {others[0]}", others[0]), (POISON, stage), (f"At {others[1]}", others[1])):
        episode_id = episodes.add(db, {"title": title, "source": "upload"}, now=1.0)
        jobs.enqueue(db, episode_id, priority=0, now=1.0, stages=[only])


def all_jobs(store: Store) -> list[Job]:
    return jobs.in_states(store.read(), list(State))


def run(store: Store, how: str, stage: Stage, given: Given, work: Work) -> Result:
    while how != CURED:
        work.check()
        listed = all_jobs(store)
        alone = given.job.crashes >= SUSPECT
        if given.episode.title != POISON:
            if alone or any(job.state is State.FAILED for job in listed):
                break
        elif alone or sum(job.state is State.RUNNING for job in listed) == len(listed):
            ENDS[how]()
        time.sleep(0.01)
    return RESULTS[stage]


def main(data: Path, stage: Stage, how: str) -> None:
    environ = {"CASTMIND_ENV": "test", "CASTMIND_DATA_DIR": str(data), "OLLAMA_HOST": "http://127.0.0.1:9"}
    castmind = app.build(settings.load({}, environ=environ))
    store = castmind._store
    castmind._runner._stages = {each: partial(run, store, how, each) for each in Stage}
    castmind.start()
    if not all_jobs(store):
        store.write(partial(fill, stage=stage))
        castmind._runner.wake()
    while any(job.state in OPEN for job in all_jobs(store)):
        time.sleep(0.02)
    castmind.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Stage(sys.argv[2]), sys.argv[3])

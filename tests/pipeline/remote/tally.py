"""A step of a plug-in for tests that end processes: parts that a test lets pass one by one, each a checkpoint.

data/gates/1, 2, 3 (files) ─▶ a checkpoint each, which says in which process it was made
data/gates/end ─▶ Tally, the processes in order; saved with how often it was saved
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from core.domain.jobs.job import Job
from core.pipeline.step import Checkpoint, Need, Step, StepContext, StepInput
from core.settings import Settings
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.settings import saved_settings

PARTS = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """The ids of the processes that made the parts."""

    processes: tuple[int, ...]


class TallyStep(Step):
    name: ClassVar[str] = "tally"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CPU})
    lanes: ClassVar[int] = 0
    values: ClassVar[tuple[type, ...]] = (Tally,)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> StepInput:
        return StepInput(job=job, episode=episodes.get(db, job.episode_id))

    def run(self, given: StepInput, ctx: StepContext) -> Tally:
        gates = ctx.resources.data / "gates"
        made = {key: payload["process"] for key, payload in given.checkpoints.items()}
        for part in map(str, range(1, PARTS + 1)):
            if part in made:
                continue
            ctx.report((int(part) - 1) / PARTS, {"phase": "tallying", "part": int(part)})
            _pass(gates / part, ctx)
            made[part] = os.getpid()
            ctx.emit(Checkpoint(part, {"process": os.getpid()}))
        _pass(gates / "end", ctx)
        return Tally(tuple(made[key] for key in sorted(made)))

    def save(self, db: Database, job: Job, value: Tally, *, now: float) -> None:
        name = saved_name(job.episode_id)
        before: Any = saved_settings.all_saved(db).get(name, {"saves": 0})
        saved_settings.save(db, name, {"saves": before["saves"] + 1, "processes": list(value.processes)}, now=now)


def saved_name(episode_id: int) -> str:
    return f"tally_{episode_id}"


def open_gates(data: Path, *names: str) -> None:
    (data / "gates").mkdir(exist_ok=True)
    for name in names:
        (data / "gates" / name).touch()


def _pass(gate: Path, ctx: StepContext) -> None:
    while not gate.exists():
        ctx.check()
        time.sleep(0.01)

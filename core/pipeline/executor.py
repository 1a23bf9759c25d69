"""Run a step in this process. Claims read its input and save its result; in between, an executor runs it without a database.

A worker in another process uses an executor too, and exchanges the messages of protocol.py with the server instead of calling
Claims.

    runner ── step, StepInput, StepContext ──▶ Executor.run ──▶ result
                        ▲ emit, report, check ◀── the step
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from core.pipeline.step import Resources, Step, StepContext, StepInput


class Executor(Protocol):
    """Runs one step of one job: blocks until it has ended. Raises whatever the step raises."""

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any: ...


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Runs steps in the calling thread, with the resources of this process."""

    resources: Resources

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any:
        ctx.lend(self.resources)
        return step.run(given, ctx)

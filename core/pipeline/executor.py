"""What runs a step in this process. Claims read its input and save; an executor runs the step between, without a database.

A worker in another process runs it with an executor too, and speaks protocol.py with the server instead of calling Claims.

runner ── step, StepInput, StepContext ──▶ Executor.run ──▶ result
                              ▲ emit, report, check ◀── the step
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from core.pipeline.step import Resources, Step, StepContext, StepInput


class Executor(Protocol):
    """Runs one step for one job: blocks until it has ended. Raises what the step raises."""

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any: ...


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """In the calling thread, with the resources of this process."""

    resources: Resources

    def run(self, step: Step, given: StepInput, ctx: StepContext) -> Any:
        ctx.lend(self.resources)
        return step.run(given, ctx)

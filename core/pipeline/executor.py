"""Where a step runs. The runner claims, reads inputs and saves; an executor runs the step between the two, without a database.

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

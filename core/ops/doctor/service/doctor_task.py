"""The background task that examines this installation: seconds, or a minute with a large library.

The result is kept in memory alone: it names paths of this computer, and after a restart another one is due anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.ops.doctor.examinations import examine
from core.ops.doctor.finding import Finding, Patient


class DoctorTask(TaskKind):
    """`done` of `total` examinations are over. `keep` receives when the run ended, and the findings."""

    name = "doctor"
    beside = Beside.NONE
    resumes = False

    def __init__(self, patient: Callable[[], Patient], keep: Callable[[float, list[Finding]], None]) -> None:
        self._patient = patient
        self._keep = keep

    def run(self, ctx: TaskContext, _arguments: Mapping[str, Any]) -> None:
        patient = self._patient()

        def tell(done: int, total: int, _name: str) -> None:
            ctx.report(done=done, total=total)

        findings = examine(patient, on_progress=tell, check=ctx.check)
        self._keep(patient.now, findings)

"""The doctor for pages and routes (`castmind.doctor`): run it, its last result, its fixes, the bundle.

start ─▶ DoctorTask: examinations ─▶ result, in memory until the next run or the next start
fix   ─▶ what was done; what is found afterwards takes another run
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.jobs.task import Task
from core.errors import Conflict
from core.ops.doctor import bundle, fixes
from core.ops.doctor.finding import Finding, Patient
from core.ops.doctor.fixes import Deed
from core.ops.doctor.service.doctor_task import DoctorTask


@dataclass(frozen=True, slots=True)
class DoctorResult:
    """`at` is when the run ended, in Unix seconds."""

    at: float
    findings: tuple[Finding, ...]


class DoctorService:
    """Thread-safe. `patient` describes this installation anew for each run."""

    def __init__(self, tasks: Tasks, patient: Callable[[], Patient], *, rebuild_index: Callable[[], object]) -> None:
        self._tasks = tasks
        self._patient = patient
        self._rebuild_index = rebuild_index
        self._result: DoctorResult | None = None

    def task_kind(self) -> DoctorTask:
        """Return the kind of task that examines, for the table of kinds."""
        return DoctorTask(self._patient, self._keep)

    def start(self, actor: Actor) -> Task:
        """Examine in the background. Raises Conflict while an examination runs."""
        return self._tasks.begin(DoctorTask.name, {}, busy=lambda _: _runs())

    def running(self, actor: Actor) -> Task | None:
        """Return the examination that runs or waits."""
        return next((task for task in self._tasks.listing(DoctorTask.name) if not task.finished), None)

    def result(self, actor: Actor) -> DoctorResult | None:
        """Return the last result since the start of this process."""
        return self._result

    def would(self, actor: Actor, fix: str) -> list[Deed]:
        """Return what a fix of the last result would do. Raises KeyError for a name that is none."""
        return self._apply(fix, dry=True)

    def fix(self, actor: Actor, fix: str) -> list[Deed]:
        """Apply a fix, where the last result has it, and return what was done. Raises KeyError for a name that is none."""
        return self._apply(fix, dry=False)

    def bundle(self, actor: Actor) -> bytes:
        """Return the zip for support, with the findings of the last result."""
        return bundle.make(self._patient(), self._findings())

    def _apply(self, fix: str, *, dry: bool) -> list[Deed]:
        return fixes.apply(self._findings(), self._patient(), self._begin_index, dry=dry, only=fix)

    def _begin_index(self) -> None:
        self._rebuild_index()

    def _findings(self) -> tuple[Finding, ...]:
        return self._result.findings if self._result else ()

    def _keep(self, at: float, findings: list[Finding]) -> None:
        self._result = DoctorResult(at, tuple(findings))


def _runs() -> Conflict:
    return Conflict("An examination runs already. Nothing was changed; wait for its result.", state="running", case="examining")

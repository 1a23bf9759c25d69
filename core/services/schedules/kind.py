"""A kind of schedule: what its runs do. A new kind is a file in `kinds/` and a line in `core/app/schedule_kinds.py`.

ByTask         a background task does the work: its row is added in the transaction that claims the time
ByTransaction  the work and the end of the run are one transaction, so it is done exactly once
ByThread       the work may be done again after a kill, and does no harm then
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from core.domain.jobs.task import Task
from core.domain.schedules.schedule import Schedule
from core.errors import UserError
from core.store.db.sqlite import Database
from core.store.jobs.tasks import NewTask

Counts = Mapping[str, int | str]
"""What a run did, by names that pages have a text for: `{"episodes": 3}`."""


class ScheduleKind(ABC):
    """`own`: a person may add one. `careful`: it deletes, and rests while the library holds much less than its backups."""

    name: ClassVar[str]
    own: ClassVar[bool] = False

    @property
    def careful(self) -> bool:
        return False

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters as they are stored. Raises UserError."""
        known(parameters)
        return {}

    def overdue(self, now: float) -> float | None:
        """Return the planned time whose result is missing, whatever the history of the schedule says; None if none is."""
        return None


class ByTask(ScheduleKind):
    @abstractmethod
    def task(self, row: Schedule, now: float) -> NewTask | None:
        """Return the task to begin; None if there is nothing to do. An error fails the run."""

    @abstractmethod
    def did(self, task: Task) -> Counts:
        """Return what a finished task did."""


class ByTransaction(ScheduleKind):
    @abstractmethod
    def change(self, db: Database, row: Schedule, now: float) -> Counts:
        """Do the work, in a transaction of the writer."""


class ByThread(ScheduleKind):
    @abstractmethod
    def run(self, row: Schedule, check: Callable[[], None]) -> Counts:
        """Do the work. `check` raises ShuttingDown when the server stops."""


def number(parameters: Mapping[str, Any], name: str, *, least: int, most: int, default: int) -> int:
    """Return a whole number of the parameters. Raises UserError."""
    value = parameters.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UserError(f"{name} is a number from {least} to {most}. Nothing was changed.", case="schedule_values")
    return value


def known(parameters: Mapping[str, Any], *names: str) -> None:
    """Raise UserError for a parameter that the kind does not have."""
    if other := set(parameters) - set(names):
        raise UserError(f"There is no parameter {sorted(other)[0][:80]!r}. Nothing was changed.", case="schedule_values")

"""Sweeps: built-in housekeeping that deletes what has served its time, and counts it."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.schedules.schedule import Schedule
from core.services.schedules.kind import ByThread, Counts


class Sweep(ByThread):
    """`work` returns how many things it deleted."""

    def __init__(self, name: str, work: Callable[[], int], *, careful: bool) -> None:
        self.name = name  # type: ignore[misc]  # one class serves several kinds
        self._work = work
        self._careful = careful

    @property
    def careful(self) -> bool:
        return self._careful

    def run(self, row: Schedule, check: Callable[[], None]) -> Counts:
        check()
        return {"deleted": self._work()}

"""The order of priorities."""

from __future__ import annotations

from core.domain.schedules.schedule import SchedulePriority


def test_priorities_have_an_order() -> None:
    assert SchedulePriority.LOW.rank < SchedulePriority.NORMAL.rank == 0 < SchedulePriority.HIGH.rank

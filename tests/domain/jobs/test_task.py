"""When a task has ended."""

from __future__ import annotations

from core.domain.jobs.job import State
from core.domain.jobs.task import Task


def test_a_task_is_finished_when_it_is_done_failed_or_cancelled() -> None:
    finished = {state for state in State if Task(1, "bulk", state=state).finished}
    assert finished == {State.DONE, State.FAILED, State.CANCELLED}

from __future__ import annotations

import contextvars
import threading

from core.ops.checks.bounded_check import BoundedCheck
from tests.runner_fixture import until


def running(name: str) -> int:
    return sum(1 for thread in threading.enumerate() if thread.name == f"check-{name}")


def test_a_check_answers_with_its_finding_and_how_long_it_took() -> None:
    now = [5.0]

    def takes_two_seconds() -> str:
        now[0] += 2.0
        return "well"

    run = BoundedCheck("quick", takes_two_seconds, clock=lambda: now[0]).ask()
    assert run.wait(30.0) == "well"
    now[0] = 60.0
    assert run.seconds == 2.0


def test_one_that_hangs_is_not_started_again_and_answers_once_it_can() -> None:
    freed, asked = threading.Event(), []

    def hangs() -> str:
        asked.append(1)
        freed.wait(30.0)
        return "well"

    check = BoundedCheck("stuck", hangs)
    runs = [check.ask() for _ in range(50)]
    assert all(run.wait(0.0) is None for run in runs)
    assert running("stuck") == 1 and len(asked) == 1
    freed.set()
    assert runs[0].wait(30.0) == "well"
    assert check.ask().wait(30.0) == "well" and len(asked) == 2
    until(lambda: running("stuck") == 0)


def test_the_limit_counts_from_the_start_of_the_run() -> None:
    """A second asker of a check that hangs is told at once, not after another second."""
    freed = threading.Event()
    now = [0.0]
    check = BoundedCheck("shared", lambda: freed.wait(30.0), clock=lambda: now[0])
    check.ask()
    now[0] = 60.0
    assert check.ask().wait(1.0) is None and check.ask().seconds == 60.0
    freed.set()


def test_the_context_of_the_asker_holds_in_the_thread() -> None:
    patience = contextvars.ContextVar("patience", default=0.0)
    token = patience.set(0.5)
    assert BoundedCheck("context", patience.get).ask().wait(30.0) == 0.5
    patience.reset(token)

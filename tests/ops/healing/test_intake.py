from __future__ import annotations

import pytest

from core.ops.healing.intake import Intake


def test_it_pauses_below_the_least_and_goes_on_a_little_above(caplog: pytest.LogCaptureFixture) -> None:
    free = [0.0]
    intake = Intake(lambda: free[0], lambda: 1e9)
    seen = []
    for value in (1.0e9, 0.99e9, 1.05e9, 1.1e9, 1.0e9, 0.5e9):
        free[0] = value
        seen.append(intake.paused())
    assert seen == [False, True, True, False, False, True]
    assert caplog.text.count("the disk is low") == 2


def test_what_is_paused_is_not_done() -> None:
    done: list[int] = []
    Intake(lambda: 0.0, lambda: 1.0).unless_paused(lambda: done.append(1))
    assert done == []
    Intake(lambda: 2.0, lambda: 1.0).unless_paused(lambda: done.append(2))
    assert done == [2]

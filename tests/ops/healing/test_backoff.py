from __future__ import annotations

import pytest

from core.ops.healing.backoff import FIRST_SECONDS, MOST_SECONDS, WELL_SECONDS, Backoff


def test_the_first_restart_is_at_once_and_the_next_ones_ever_later() -> None:
    backoff, now, waits = Backoff(), 100.0, []
    for _ in range(12):
        waits.append(backoff.wait(now))
        now += backoff.wait(now)
        assert backoff.wait(now) == 0.0
        backoff.note(now)
    assert waits[:5] == [0.0, 2.0, 4.0, 8.0, 16.0] and waits[-1] == MOST_SECONDS
    assert backoff.count == 12


@pytest.mark.parametrize(("well", "wait"), [(WELL_SECONDS, 0.0), (WELL_SECONDS + 1, 0.0)])
def test_a_part_that_was_well_for_a_while_is_restarted_at_once_again(well: float, wait: float) -> None:
    backoff = Backoff()
    for now in (0.0, 2.0, 6.0):
        backoff.note(now)
    assert backoff.wait(6.0 + well) == wait
    backoff.note(6.0 + well)
    assert backoff.wait(6.0 + well) == FIRST_SECONDS


def test_just_before_that_it_is_not_well() -> None:
    backoff = Backoff()
    for now in range(0, 3000, 300):
        backoff.note(float(now))
    assert backoff.wait(2700.0) == MOST_SECONDS

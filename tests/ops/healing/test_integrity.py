from __future__ import annotations

from datetime import datetime

import pytest

from core.ops.healing.integrity import Integrity, NightlyCheck

NIGHT = datetime(2026, 3, 10, 3, 5).timestamp()
HOUR = 3600.0


@pytest.mark.parametrize(
    ("began", "now", "due"),
    [
        (NIGHT - 20 * HOUR, NIGHT, True),
        (NIGHT - 19 * HOUR, NIGHT, False),
        (NIGHT - 20 * HOUR, NIGHT + HOUR, False),
        (NIGHT - 47 * HOUR, NIGHT + HOUR / 2, True),
        (NIGHT - 20 * HOUR, NIGHT + 28 * HOUR, True),
        (NIGHT + 100 * HOUR, NIGHT + 5 * HOUR, True),
    ],
)
def test_it_looks_once_a_night_or_by_day_if_nights_were_missed(began: float, now: float, due: bool) -> None:
    assert NightlyCheck(list, lambda: 3, began=began).due(now) is due


def test_what_it_found_stays_until_the_next_look(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[list[str] | None] = [["page 7 is broken"], None, []]
    one = NightlyCheck(lambda: answers.pop(0), lambda: 3, began=NIGHT - 24 * HOUR)
    one.step(NIGHT)
    assert one.last == Integrity(NIGHT, ("page 7 is broken",)) and "page 7 is broken" in caplog.text
    one.step(NIGHT + HOUR)
    assert len(answers) == 2
    one.step(NIGHT + 24 * HOUR)
    assert one.last.problems and len(answers) == 1  # not finished: the older finding stands
    one.step(NIGHT + 48 * HOUR)
    assert one.last == Integrity(NIGHT + 48 * HOUR)

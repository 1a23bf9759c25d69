"""Parameters of schedules: whole numbers within bounds, and no names that mean nothing."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.services.schedules.kind import known, number


@pytest.mark.parametrize("value", [0, 11, 1.5, True, "3", None])
def test_a_number_is_whole_and_within_its_bounds(value: object) -> None:
    assert number({}, "most", least=1, most=10, default=4) == 4
    assert [number({"most": each}, "most", least=1, most=10, default=4) for each in (1, 10)] == [1, 10]
    with pytest.raises(UserError):
        number({"most": value}, "most", least=1, most=10, default=4)


def test_a_name_that_means_nothing_is_refused() -> None:
    known({"most": 1}, "most", "feed_id")
    with pytest.raises(UserError):
        known({"feed": 1}, "most")

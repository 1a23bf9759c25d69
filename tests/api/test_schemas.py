from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.api.schemas import moment


@pytest.mark.parametrize("again", [False, True])
def test_a_moment_is_the_second_that_it_falls_into(again: bool) -> None:
    for seconds in (1, 1.0, 1.999, 59.5, 86_399.999, 951_827_199, 1_709_164_800.25, 4e9, -0.5, -86_400):
        said = moment(seconds)
        assert said
        assert said.endswith("Z")
        assert datetime.fromisoformat(said) == datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    assert (moment(None), moment(0), moment(0.0), moment(-0.0)) == (None, None, None, None)

"""The time zone that a request names."""

from __future__ import annotations

import pytest

from core.api.time_zone import named
from core.errors import UserError


def test_a_zone_is_found_by_its_name() -> None:
    assert named("Europe/Berlin").key == "Europe/Berlin"


@pytest.mark.parametrize("name", ["Mars/Dune", "../etc/passwd", "", "a\0b"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="no time zone"):
        named(name)

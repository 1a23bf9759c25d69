"""The name of a browser, in its cookie."""

from __future__ import annotations

import pytest

from core.domain.accounts.browser import named


def test_a_name_is_thirty_two_hexadecimal_digits() -> None:
    assert named("0123456789abcdef" * 2) == "0123456789abcdef" * 2


@pytest.mark.parametrize("value", [None, 7, "", "0" * 31, "0" * 33, "0" * 31 + "G", "0" * 31 + "A", "0" * 32 + "\n", b"0" * 32])
def test_all_else_is_no_name(value: object) -> None:
    assert named(value) == ""

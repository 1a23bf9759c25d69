from __future__ import annotations

import pytest

from core.access.password_rules import LEAST, MOST, _common, check
from core.errors import UserError


@pytest.mark.parametrize(
    "password", ["correct horse battery", "abcdefg8", "密码密码长一些吧", "x" * 2 + "y" * 5 + "z", "ab c" * (MOST // 4)]
)
def test_a_long_enough_one_is_taken_whatever_its_letters(password: str) -> None:
    check(password, "Anna")


@pytest.mark.parametrize(
    ("password", "case"),
    [
        ("", "password_length"),
        ("x" * (LEAST - 1), "password_length"),
        ("ab c" * (MOST // 4) + "!", "password_length"),
        ("password", "password_common"),
        ("PassWord", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("Annabella", "password_common"),
        ("ANNABELLA", "password_common"),
    ],
)
def test_what_is_tried_first_is_refused(password: str, case: str) -> None:
    with pytest.raises(UserError) as refused:
        check(password, "annabella")
    assert refused.value.params["case"] == case


def test_the_list_holds_only_what_could_be_chosen() -> None:
    assert len(_common()) > 50
    assert all(len(each) >= LEAST and each == each.casefold() for each in _common())

from __future__ import annotations

from itertools import product

import pytest

from core.domain.accounts.door import Door, OpenWithoutLogin, door
from core.domain.exposure import Exposure

RULES: tuple[OpenWithoutLogin, ...] = ("loopback", "anyone", "nobody")
EXPOSURES: tuple[Exposure, ...] = ("local", "unknown", "network")


@pytest.mark.parametrize(("rule", "exposure", "near"), list(product(RULES, EXPOSURES, (True, False))))
def test_with_a_password_everybody_signs_in(rule: OpenWithoutLogin, exposure: Exposure, near: bool) -> None:
    assert door(password=True, rule=rule, exposure=exposure, near=near) == "sign_in"


def test_without_one_it_opens_to_this_computer_alone_unless_the_setting_says_otherwise() -> None:
    found: dict[tuple[OpenWithoutLogin, Exposure, bool], Door] = {
        (rule, exposure, near): door(password=False, rule=rule, exposure=exposure, near=near)
        for rule, exposure, near in product(RULES, EXPOSURES, (True, False))
    }
    opened = {key for key, each in found.items() if each == "open"}
    assert opened == {("loopback", "local", True)} | set(product(("anyone",), EXPOSURES, (True, False)))
    assert {each for key, each in found.items() if key not in opened} == {"set_up"}

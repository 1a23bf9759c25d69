"""What a request without a session meets, and the one-time code for the first password."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SetUpCodeWrong, TooManyAttempts
from tests.accounts_fixture import Household


@pytest.mark.parametrize(
    ("host", "rule", "near", "door"),
    [
        ("127.0.0.1", "loopback", True, "open"),
        ("127.0.0.1", "loopback", False, "set_up"),
        ("0.0.0.0", "loopback", True, "set_up"),
        ("0.0.0.0", "loopback", False, "set_up"),
        ("192.168.1.5", "loopback", True, "set_up"),
        ("0.0.0.0", "anyone", False, "open"),
        ("127.0.0.1", "nobody", True, "set_up"),
    ],
)
def test_before_a_password(tmp_path: Path, host: str, rule: str, near: bool, door: str) -> None:
    house = Household(tmp_path, OPEN_WITHOUT_LOGIN=rule, HOST=host)
    assert house.door.door(near=near) == door and not house.door.needs_password
    assert house.door.waits_for_set_up is (rule == "nobody" or (rule == "loopback" and host != "127.0.0.1"))
    house.close()


def test_the_address_that_is_really_listened_at_decides(tmp_path: Path) -> None:
    """The command line can change it after the settings were read."""
    house = Household(tmp_path, HOST="127.0.0.1")
    house.door.listen_at("0.0.0.0")
    assert house.door.door(near=True) == "set_up"
    house.door.listen_at("")
    assert house.door.door(near=True) == "set_up"
    house.close()


@pytest.mark.parametrize(("published", "door"), [("127.0.0.1", "open"), ("0.0.0.0", "set_up"), ("", "set_up")])
def test_in_a_container_the_published_address_decides(tmp_path: Path, published: str, door: str) -> None:
    house = Household(tmp_path, container=True, HOST="0.0.0.0", PUBLISHED=published)
    assert house.door.door(near=True) == door
    house.close()


@pytest.mark.parametrize("rule", ["loopback", "anyone", "nobody"])
def test_with_a_password_everybody_signs_in(tmp_path: Path, rule: str) -> None:
    house = Household(tmp_path, OPEN_WITHOUT_LOGIN=rule, HOST="0.0.0.0")
    house.settle_in()
    assert {house.door.door(near=near) for near in (True, False)} == {"sign_in"}
    assert not house.door.waits_for_set_up
    house.close()


def test_the_code_is_one_until_it_is_used(house: Household) -> None:
    first = house.door.set_up_code()
    assert house.door.set_up_code() == first and len(first) >= 12
    house.door.check_code(f" {first.lower()} ", "10.0.0.1")
    house.settle_in()
    assert house.door.set_up_code() != first


def test_wrong_codes_are_few(house: Household) -> None:
    with pytest.raises(SetUpCodeWrong):
        house.door.check_code("", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        for number in range(200):
            with pytest.raises(SetUpCodeWrong):
                house.door.check_code(f"AAAA-BBBB-{number:04}", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        house.door.check_code(house.door.set_up_code(), "10.0.0.1")


def test_a_pass_is_for_a_right_code(house: Household) -> None:
    assert not house.door.has_pass("") and not house.door.has_pass("x")
    with pytest.raises(SetUpCodeWrong):
        house.door.let_in("wrong", "10.0.0.1")
    assert house.door.has_pass(house.door.let_in(house.door.set_up_code(), "10.0.0.1"))

"""What a request without a session meets, and the code for the first password."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SetUpCodeWrong, TooManyAttempts
from tests.accounts_fixture import Household


@pytest.mark.parametrize(
    ("host", "environ", "near", "far"),
    [
        ("127.0.0.1", {}, "open", "set_up"),
        ("::1", {}, "open", "set_up"),
        ("0.0.0.0", {}, "set_up", "set_up"),
        ("", {}, "set_up", "set_up"),
        ("192.168.1.20", {}, "set_up", "set_up"),
        ("0.0.0.0", {"OPEN_WITHOUT_LOGIN": "anyone"}, "open", "open"),
        ("127.0.0.1", {"OPEN_WITHOUT_LOGIN": "nobody"}, "set_up", "set_up"),
    ],
)
def test_the_address_that_is_listened_at_decides(tmp_path: Path, host: str, environ: dict[str, str], near: str, far: str) -> None:
    house = Household(tmp_path, **environ)
    try:
        house.door.listen_at(host)
        assert (house.door.door(near=True), house.door.door(near=False)) == (near, far)
        assert house.door.waits_for_set_up == (near == "set_up")
        house.settle_in()
        assert (house.door.door(near=True), house.door.door(near=False)) == ("sign_in", "sign_in")
        assert not house.door.waits_for_set_up and house.door.needs_password
    finally:
        house.close()


@pytest.mark.parametrize(("published", "door"), [("127.0.0.1", "open"), ("0.0.0.0", "set_up"), ("", "set_up")])
def test_in_a_container_the_published_address_decides(tmp_path: Path, published: str, door: str) -> None:
    house = Household(tmp_path, container=True, PUBLISHED=published)
    try:
        house.door.listen_at("0.0.0.0")
        assert house.door.door(near=True) == door
    finally:
        house.close()


def test_the_code_stays_until_it_is_used_up(house: Household) -> None:
    code = house.door.set_up_code()
    assert house.door.set_up_code() == code
    house.door.check_code(code, "a")
    house.door.use_up_code()
    with pytest.raises(SetUpCodeWrong):
        house.door.check_code(code, "a")


@pytest.mark.parametrize("code", ["", "-", "AAAA", "é" * 12, "\ud800", "A" * 10_000], ids=lambda text: ascii(text[:9]))
def test_another_code_is_wrong(house: Household, code: str) -> None:
    with pytest.raises(SetUpCodeWrong):
        house.door.check_code(code, "a")


def test_a_stranger_who_guesses_waits_alone(house: Household) -> None:
    for _ in range(5):
        with pytest.raises(SetUpCodeWrong):
            house.door.check_code("AAAA", "203.0.113.7")
    with pytest.raises(TooManyAttempts):
        house.door.check_code(house.door.set_up_code(), "203.0.113.7")
    house.door.check_code(house.door.set_up_code(), "192.168.1.20")


def test_a_pass_is_given_for_the_code_and_made_up_by_nobody(house: Household) -> None:
    with pytest.raises(SetUpCodeWrong):
        house.door.let_in("AAAA", "a")
    given = house.door.let_in(house.door.set_up_code(), "a")
    assert house.door.has_pass(given)
    assert not any(house.door.has_pass(each) for each in ("", given[:-1], house.door.set_up_code()))

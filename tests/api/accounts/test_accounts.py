"""Users and what they keep of themselves, over HTTP: shapes, secrets that appear once, refusals."""

from __future__ import annotations

import httpx
import pyotp
import pytest

from tests.api.conftest import is_problem

PASSWORD, OTHER = "correct horse battery", "staple of the second user"


@pytest.fixture
def owner(api: httpx.Client) -> httpx.Client:
    api.put("/accounts/me/password", json={"present": "", "password": PASSWORD}).raise_for_status()
    return api


def test_who_asks(api: httpx.Client) -> None:
    me = api.get("/accounts/me").json()
    assert (me["id"], me["name"], me["role"], me["password"], me["second_factor"]) == (1, "admin", "admin", False, False)


def test_a_user_from_first_to_last(owner: httpx.Client) -> None:
    made = owner.post("/accounts", json={"name": "Ben", "role": "viewer", "password": OTHER})
    assert made.status_code == 201 and OTHER not in made.text
    place = f"/accounts/{made.json()['id']}"
    assert is_problem(owner.post("/accounts", json={"name": "BEN", "role": "viewer", "password": OTHER}), 409, "user_name_taken")
    changed = owner.patch(place, json={"role": "member", "name": "Benjamin"}).json()
    assert (changed["role"], changed["name"], changed["disabled"]) == ("member", "Benjamin", False)
    assert owner.put(f"{place}/password", json={"password": PASSWORD + "!"}).status_code == 204
    assert owner.get(f"{place}/sessions").json() == {"items": []}
    assert owner.delete(f"{place}/sessions").json() == {"ended": 0}
    assert [each["name"] for each in owner.get("/accounts").json()["items"]] == ["admin", "Benjamin"]
    assert owner.delete(place).status_code == 204
    assert is_problem(owner.delete(place), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "viewer", "password": OTHER},
        {"name": "Ben", "role": "owner", "password": OTHER},
        {"name": "Ben", "role": "viewer", "password": "short"},
        {"name": "Ben", "role": "viewer", "password": "x" * 1025},
        {"name": "Ben", "role": "viewer"},
    ],
)
def test_a_user_that_cannot_be(owner: httpx.Client, body: dict[str, str]) -> None:
    refused = owner.post("/accounts", json=body)
    assert refused.status_code == 422 and "x" * 100 not in refused.text and body.get("password", "\x00") not in refused.text


def test_the_last_admin_and_the_first_user_stay(owner: httpx.Client) -> None:
    assert is_problem(owner.patch("/accounts/1", json={"role": "viewer"}), 409, "last_admin")
    assert is_problem(owner.delete("/accounts/1"), 409, "conflict")


def test_the_present_password_is_asked(owner: httpx.Client) -> None:
    wrong = owner.put("/accounts/me/password", json={"present": "wrong", "password": OTHER})
    assert is_problem(wrong, 401, "sign_in_failed")
    assert owner.put("/accounts/me/password", json={"present": PASSWORD, "password": OTHER}).status_code == 204


def test_a_second_factor(owner: httpx.Client) -> None:
    offered = owner.post("/accounts/me/second-factor").json()
    assert offered["qr_svg"].startswith("<svg")
    assert is_problem(owner.put("/accounts/me/second-factor", json={"code": "000000"}), 401, "sign_in_failed")
    assert owner.put("/accounts/me/second-factor", json={"code": pyotp.TOTP(offered["secret"]).now()}).status_code == 204
    assert owner.get("/accounts/me").json()["second_factor"] is True
    refused = owner.request("DELETE", "/accounts/me/second-factor", json={"password": "wrong"})
    assert is_problem(refused, 401, "sign_in_failed")
    assert owner.request("DELETE", "/accounts/me/second-factor", json={"password": PASSWORD}).status_code == 204


def test_a_token_is_shown_once(owner: httpx.Client) -> None:
    made = owner.post("/accounts/me/tokens", json={"name": "script", "scope": "read", "days": 30})
    assert made.status_code == 201
    secret = made.json()["token"]
    listed = owner.get("/accounts/me/tokens")
    assert secret not in listed.text and listed.json()["items"][0]["hint"] == secret[-4:]
    number = listed.json()["items"][0]["id"]
    assert owner.delete(f"/accounts/me/tokens/{number}").status_code == 204
    assert is_problem(owner.delete(f"/accounts/me/tokens/{number}"), 404, "not_found")


def test_sessions(owner: httpx.Client) -> None:
    assert owner.get("/accounts/me/sessions").json() == {"items": []}
    assert owner.delete("/accounts/me/sessions").json() == {"ended": 0}
    assert is_problem(owner.delete("/accounts/me/sessions/99"), 404, "not_found")


def test_this_computer_can_be_opened_again(owner: httpx.Client) -> None:
    assert owner.delete("/accounts/password").status_code == 204
    assert owner.get("/accounts/me").json()["password"] is False

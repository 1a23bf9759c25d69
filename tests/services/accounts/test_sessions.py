"""Who a request is: the row decides, at each request; what was revoked never counts again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.domain.accounts.actor import Actor
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.visit import Visit
from core.errors import DiskFull, Restoring, SignInFailed
from core.events import SessionsEnded
from core.services.accounts.sessions import DAY, IDLE_DAYS, LONGEST_DAYS, TOUCH_SECONDS
from core.store.accounts import users
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household

ELSEWHERE = Visit("192.168.1.30", "curl")


@pytest.fixture
def token(house: Household) -> str:
    return house.settle_in()


def raising(error: Exception) -> Callable[..., Any]:
    def refuse(*_: object) -> Any:
        raise error

    return refuse


def test_a_token_of_nobody_is_nobody(house: Household, token: str) -> None:
    for made_up in ("", token[:-1], token.swapcase(), "x" * 10_000, "\ud800", "' OR 1=1 --", "é"):
        assert house.sessions.who(made_up) is None
        assert house.sessions.who_bears(made_up, HOME) is None


def test_a_session_is_no_api_token_and_the_other_way_round(house: Household, token: str) -> None:
    anna = house.sessions.who(token)
    assert anna
    secret, _ = house.accounts.add_token(anna, "a", TokenScope.ADMIN, days=None)
    assert house.sessions.who(secret) is None
    assert house.sessions.who_bears(token, HOME) is None
    assert house.sessions.who(house.sessions.local_token()) is None


def test_it_lasts_from_its_last_use_and_not_for_ever(house: Household, token: str) -> None:
    house.now += IDLE_DAYS * DAY - 1
    assert house.sessions.who(token, HOME)
    began = house.now
    while house.now < began + LONGEST_DAYS * DAY:
        house.now += IDLE_DAYS * DAY / 2
        if house.sessions.who(token, HOME) is None:
            break
    assert house.now - 1_700_000_000.0 == pytest.approx(LONGEST_DAYS * DAY, abs=IDLE_DAYS * DAY / 2)


def test_without_a_use_it_ends(house: Household, token: str) -> None:
    house.now += IDLE_DAYS * DAY / 2
    assert house.sessions.who(token), "a look without a visit is no use"
    house.now += IDLE_DAYS * DAY / 2
    assert house.sessions.who(token, HOME) is None
    house.sessions.step()
    assert house.store.read().execute("SELECT count(*) FROM sessions").fetchone()[0] == 0


def test_a_use_is_written_down_now_and_then(house: Household, token: str) -> None:
    for seconds, address in ((TOUCH_SECONDS, HOME.address), (1.0, ELSEWHERE.address)):
        house.now += seconds
        anna = house.sessions.who(token, ELSEWHERE)
        assert anna
        assert house.accounts.own_sessions(anna)[0].address == address


@pytest.mark.parametrize("seen", [False, True])
def test_a_disk_that_is_full_shuts_nobody_out(house: Household, token: str, monkeypatch: pytest.MonkeyPatch, seen: bool) -> None:
    anna = house.sessions.who(token)
    assert anna
    secret, _ = house.accounts.add_token(anna, "a", TokenScope.READ, days=None)
    if seen:
        assert house.sessions.who_bears(secret, HOME)
    house.now += 2 * TOUCH_SECONDS
    monkeypatch.setattr(house.store, "write", raising(DiskFull()))
    assert house.sessions.who(token, HOME)
    assert house.sessions.who_bears(secret, HOME)


def test_a_token_says_when_it_was_last_used(house: Household, token: str) -> None:
    anna = house.sessions.who(token)
    assert anna
    secret, _ = house.accounts.add_token(anna, "a", TokenScope.READ, days=None)
    house.now += 5
    found = house.sessions.who_bears(secret, ELSEWHERE)
    assert found and (found.role, found.how, found.address) == (Role.VIEWER, "token", ELSEWHERE.address)
    assert house.accounts.own_tokens(anna)[0].used_at == house.now
    house.accounts.revoke_token(anna, house.accounts.own_tokens(anna)[0].id)
    assert house.sessions.who_bears(secret, HOME) is None


def test_the_token_of_this_computer_is_the_owner(house: Household) -> None:
    found = house.sessions.who_bears(house.sessions.local_token(), HOME)
    assert found and (found.user_id, found.role, found.how) == (1, Role.ADMIN, "console")


@pytest.mark.parametrize("change", ["password", "second factor", "disabled"])
def test_what_changed_after_it_was_proven_lets_nobody_in(house: Household, token: str, change: str) -> None:
    house.add()
    found = users.credentials(house.store.read(), "Ben")
    anna = house.sessions.who(token)
    assert found and anna
    if change == "password":
        house.accounts.reset_password(anna, found.user_id, "another pass phrase")
    elif change == "disabled":
        house.accounts.change(anna, found.user_id, disabled=True)
    else:
        house.turn_totp_on(house.enter("Ben")[1])
    with pytest.raises(SignInFailed):
        house.sessions.begin(found, HOME)


def test_signing_out_ends_one_session(house: Household, token: str) -> None:
    other, _ = house.enter("Anna", PASSWORD)
    assert house.sessions.end(token) and house.sessions.end(token) is None
    assert house.sessions.who(token) is None and house.sessions.who(other)


def test_after_a_restore_nobody_is_signed_in(house: Household, token: str) -> None:
    house.add()
    other, _ = house.enter("Ben", OTHER)
    house.sessions.end_all()
    assert house.sessions.who(token) is None and house.sessions.who(other) is None
    assert house.ended()[-1] == ()


def test_during_a_restore_the_last_answer_counts_but_not_for_what_was_revoked(
    house: Household, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.store.events.listen("sessions", lambda event: house.sessions.forget(event.sessions), SessionsEnded)
    anna = house.sessions.who(token)
    assert anna
    other, _ = house.enter("Anna", PASSWORD)
    house.accounts.revoke_other_sessions(anna)
    assert house.store.events.settle()
    monkeypatch.setattr(house.store, "read", raising(Restoring()))
    assert house.sessions.who(token) == anna
    assert house.sessions.who(other) is None
    house.sessions.forget(())
    assert house.sessions.who(token) is None


def test_an_actor_holds_what_the_audit_log_needs(house: Household, token: str) -> None:
    found = house.sessions.who(token, ELSEWHERE)
    assert found and (found.how, found.address) == ("session", ELSEWHERE.address) and found.session_id > 0
    assert found == replace(Actor(1), role=Role.ADMIN)

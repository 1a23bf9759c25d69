"""Coming in: set-up once, a password, a code once; the same for an unknown name as for a wrong password."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from core.access.passwords import Passwords
from core.domain.accounts.actor import OWNER
from core.domain.accounts.visit import Visit
from core.errors import CastMindError, Conflict, NotFound, SetUpCodeWrong, SignInFailed, TooManyAttempts
from core.services.accounts.sign_in import TICKET_SECONDS, TICKET_TRIES, SignIn
from core.store.accounts import users
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household

STRANGER = Visit("203.0.113.7", "guesser")
NEW = "a wholly new pass phrase"


def failure(house: Household, name: str, password: str, visit: Visit = HOME) -> CastMindError:
    with pytest.raises(CastMindError) as caught:
        house.sign_in.begin(name, password, visit)
    return caught.value


def with_totp(house: Household) -> tuple[str, str]:
    """Settle in with a second factor; return its secret and a ticket of the right password."""
    anna = house.sessions.who(house.settle_in(), HOME)
    assert anna
    secret = house.turn_totp_on(anna)
    house.now += 60
    ticket, whole = house.sign_in.begin("Anna", PASSWORD, HOME)
    assert not whole
    return secret, ticket


# --- set-up ---------------------------------------------------------------------------------------


def test_the_code_is_good_once(house: Household) -> None:
    code = house.door.set_up_code()
    assert house.sessions.who(house.sign_in.set_up(code.lower().replace("-", " "), "Anna", PASSWORD, HOME))
    assert house.door.set_up_code() != code
    for again in (code, house.door.set_up_code()):
        with pytest.raises((SetUpCodeWrong, Conflict)):
            house.sign_in.set_up(again, "Eve", NEW, HOME)
    assert house.accounts.me(OWNER).name == "Anna"
    house.enter("Anna", PASSWORD)


def test_a_refused_password_leaves_the_code_good(house: Household) -> None:
    code = house.door.set_up_code()
    for password in ("short", "password", "x" * 1025):
        with pytest.raises(CastMindError):
            house.sign_in.set_up(code, "Anna", password, Visit("192.168.1.9", ""))
    assert house.sign_in.set_up(code, "Anna", PASSWORD, HOME)


def test_of_two_who_set_up_at_once_one_does(house: Household) -> None:
    code, start, done = house.door.set_up_code(), threading.Barrier(2), list[str]()

    def set_up(name: str, password: str) -> None:
        start.wait(timeout=10)
        try:
            house.sign_in.set_up(code, name, password, HOME)
        except (Conflict, SetUpCodeWrong):
            return
        done.append(name)

    threads = [threading.Thread(target=set_up, args=each) for each in (("Anna", PASSWORD), ("Eve", NEW))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert done == [house.accounts.me(OWNER).name]


def test_wrong_codes_wait_and_cost_no_hash(house: Household) -> None:
    for _ in range(5):
        with pytest.raises(SetUpCodeWrong):
            house.sign_in.set_up("AAAA-AAAA-AAAA", "Eve", NEW, STRANGER)
    with pytest.raises(TooManyAttempts):
        house.sign_in.set_up(house.door.set_up_code(), "Eve", NEW, STRANGER)
    assert not house.door.needs_password
    assert house.settle_in()


# --- the password ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nobody", "", "Anna' --", "Аnna", "x" * 5_000, "\ud800"], ids=ascii)
def test_an_unknown_name_costs_and_says_the_same_as_a_wrong_password(house: Household, name: str) -> None:
    """The first A of the fourth name is Cyrillic."""
    house.settle_in()
    house.passwords.verified.clear()
    unknown, wrong = failure(house, name, NEW), failure(house, "Anna", NEW)
    assert (type(unknown), unknown.detail, unknown.params) == (type(wrong), wrong.detail, wrong.params)
    assert house.passwords.verified == [False, True], "each costs one verification"


def test_who_is_disabled_or_has_no_password_is_unknown(house: Household) -> None:
    house.settle_in()
    ben = house.add()
    house.accounts.change(OWNER, ben.id, disabled=True)
    house.passwords.verified.clear()
    assert failure(house, "Ben", OTHER).detail == failure(house, "Anna", NEW).detail
    assert house.passwords.verified == [False, True]


def test_a_guesser_elsewhere_does_not_lock_the_owner_out(house: Household) -> None:
    house.settle_in()
    house.enter("Anna", PASSWORD)
    for last in range(30):
        for _ in range(5):
            failure(house, "Anna", "a wrong guess", Visit(f"203.0.113.{last}", ""))
    assert isinstance(failure(house, "Anna", PASSWORD, STRANGER), TooManyAttempts), "not even the right one, from a stranger"
    house.enter("Anna", PASSWORD)


def test_a_network_of_its_own_makes_no_stranger_many(house: Household) -> None:
    house.settle_in()
    caught = [failure(house, "Anna", "a wrong guess", Visit(f"2001:db8::{number}", "")) for number in range(1, 7)]
    assert [type(each) for each in caught] == [SignInFailed] * 5 + [TooManyAttempts]
    house.enter("Anna", PASSWORD, Visit("2001:db8:0:1::1", ""))


def test_what_is_too_many_is_not_verified(house: Household) -> None:
    house.settle_in()
    for _ in range(5):
        failure(house, "Anna", "a wrong guess")
    house.passwords.verified.clear()
    failure(house, "Anna", PASSWORD)
    assert house.passwords.verified == []


def test_a_planted_token_is_worth_nothing(house: Household) -> None:
    """Session fixation: each sign-in makes a token of its own."""
    first = house.settle_in()
    second, _ = house.enter("Anna", PASSWORD)
    third, _ = house.enter("Anna", PASSWORD)
    assert len({first, second, third}) == 3


def test_an_old_hash_is_renewed_and_the_password_stays(house: Household, tmp_path: Path) -> None:
    house.settle_in()
    old = house.store.read().execute("SELECT password FROM users WHERE id = 1").fetchone()[0]
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    sign_in = SignIn(house.store, house.door, house.sessions, house.audit, passwords=stronger, clock=lambda: house.now)
    token, whole = sign_in.begin("Anna", PASSWORD, HOME)
    assert whole and house.sessions.who(token)
    new = house.store.read().execute("SELECT password FROM users WHERE id = 1").fetchone()[0]
    assert new != old and stronger.verify(new, PASSWORD)


def test_renewing_does_not_bring_a_replaced_password_back(house: Household) -> None:
    house.settle_in()
    ben = house.add()

    class Slow(Passwords):
        def hash(self, password: str) -> str:
            house.accounts.reset_password(OWNER, ben.id, NEW)
            return super().hash(password)

    slow = Slow(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    sign_in = SignIn(house.store, house.door, house.sessions, house.audit, passwords=slow, clock=lambda: house.now)
    with pytest.raises(SignInFailed):
        sign_in.begin("Ben", OTHER, HOME)
    house.enter("Ben", NEW)


# --- the second factor ----------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_good_once_even_of_a_clock_that_is_a_little_off(house: Household, steps: int) -> None:
    secret, ticket = with_totp(house)
    code = house.code(secret, steps=steps)
    assert house.sessions.who(house.sign_in.second(ticket, code, HOME))
    again, _ = house.sign_in.begin("Anna", PASSWORD, HOME)
    with pytest.raises(SignInFailed):
        house.sign_in.second(again, code, HOME)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret, steps=steps + 1), HOME)


@pytest.mark.parametrize("steps", [-2, 2, 100])
def test_a_code_of_another_time_is_wrong(house: Household, steps: int) -> None:
    secret, ticket = with_totp(house)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret, steps=steps), HOME)


def test_the_code_that_turned_it_on_does_not_sign_in(house: Household) -> None:
    anna = house.sessions.who(house.settle_in(), HOME)
    assert anna
    secret = house.turn_totp_on(anna)
    ticket, _ = house.sign_in.begin("Anna", PASSWORD, HOME)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret), HOME)


def test_of_two_with_one_code_one_comes_in(house: Household) -> None:
    secret, first = with_totp(house)
    second, _ = house.sign_in.begin("Anna", PASSWORD, HOME)
    code, start, came_in = house.code(secret), threading.Barrier(2), list[str]()

    def enter(ticket: str) -> None:
        start.wait(timeout=10)
        try:
            came_in.append(house.sign_in.second(ticket, code, HOME))
        except SignInFailed:
            return

    threads = [threading.Thread(target=enter, args=(ticket,)) for ticket in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(came_in) == 1


def test_a_ticket_is_no_session_and_ends(house: Household) -> None:
    secret, ticket = with_totp(house)
    assert house.sessions.who(ticket) is None
    house.now += TICKET_SECONDS
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret), HOME)


def test_a_ticket_bears_few_wrong_codes_from_wherever(house: Household) -> None:
    secret, ticket = with_totp(house)
    for number in range(TICKET_TRIES):
        with pytest.raises(SignInFailed):
            house.sign_in.second(ticket, "000000", Visit(f"203.0.113.{number}", ""))
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret), HOME)


@pytest.mark.parametrize("change", ["password", "disabled", "deleted"])
def test_a_ticket_ends_with_the_password_that_it_stands_for(house: Household, change: str) -> None:
    house.settle_in()
    ben = house.add()
    _, as_ben = house.enter("Ben")
    secret = house.turn_totp_on(as_ben)
    house.now += 60
    ticket, _ = house.sign_in.begin("Ben", OTHER, HOME)
    if change == "password":
        house.accounts.change_own_password(as_ben, OTHER, NEW)
    elif change == "disabled":
        house.accounts.change(OWNER, ben.id, disabled=True)
    else:
        house.accounts.delete(OWNER, ben.id)
    with pytest.raises((SignInFailed, NotFound)):
        house.sign_in.second(ticket, house.code(secret), HOME)


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "１２３４５６", "\ud800", "' OR 1=1"], ids=ascii)
def test_what_is_no_code_is_wrong(house: Household, code: str) -> None:
    _, ticket = with_totp(house)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, code, HOME)


def test_a_secret_that_cannot_be_opened_lets_nobody_in(house: Household, caplog: pytest.LogCaptureFixture) -> None:
    secret, _ = with_totp(house)
    house.store.write(lambda db: users.set_totp(db, 1, "sealed with another key"))
    ticket, _ = house.sign_in.begin("Anna", PASSWORD, HOME)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket, house.code(secret), HOME)
    assert "python -m core password" in caplog.text


# --- the log --------------------------------------------------------------------------------------


def test_each_try_is_in_the_audit_log_without_what_was_typed(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[Any] = []
    monkeypatch.setattr(house.audit, "note", noted.append)
    with pytest.raises(SetUpCodeWrong):
        house.sign_in.set_up("A", "Eve", NEW, STRANGER)
    token = house.settle_in()
    failure(house, "Anna", "my other secret", STRANGER)
    failure(house, "my other secret", "Anna", STRANGER)
    house.sign_in.sign_out(token, HOME)
    house.sign_in.sign_out(token, HOME)
    assert [(each.action, each.outcome, each.user_id, each.address) for each in noted] == [
        ("set_up", "refused", None, STRANGER.address),
        ("set_up", "done", 1, HOME.address),
        ("sign_in", "done", 1, HOME.address),
        ("sign_in", "refused", 1, STRANGER.address),
        ("sign_in", "refused", None, STRANGER.address),
        ("sign_out", "done", 1, HOME.address),
    ]
    assert "secret" not in str(noted)

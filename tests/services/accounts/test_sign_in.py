"""Signing in and out: fixation, enumeration, brute force, the second factor and its replay, the race for the first password."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.access.throttle import Throttle
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.visit import Visit
from core.errors import CastMindError, Conflict, SetUpCodeWrong, SignInFailed, TooManyAttempts, UserError
from core.services.accounts.sign_in import TICKET_SECONDS, TICKET_TRIES
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household

AWAY = Visit("203.0.113.9", "curl")


def case(error: pytest.ExceptionInfo[CastMindError]) -> object:
    return error.value.params.get("case")


# --- the first password -----------------------------------------------------------------------------


def test_the_first_password_takes_the_code(house: Household) -> None:
    for code in ("", "AAAA-BBBB-CCCC"):
        with pytest.raises(SetUpCodeWrong):
            house.sign_in.set_up(code, "Anna", PASSWORD, AWAY)
    assert not house.door.needs_password and house.entries()[-1].outcome == "refused"
    token = house.settle_in()
    found = house.sessions.who(token, HOME)
    assert found and (found.user_id, found.role) == (OWNER.user_id, Role.ADMIN)


@pytest.mark.parametrize(("name", "password"), [("", PASSWORD), ("Anna", "short"), ("Anna", "password"), ("A\x1b[2J", PASSWORD)])
def test_a_bad_name_or_password_uses_up_no_code(house: Household, name: str, password: str) -> None:
    code = house.door.set_up_code()
    with pytest.raises(UserError):
        house.sign_in.set_up(code, name, password, HOME)
    assert house.door.set_up_code() == code and not house.door.needs_password


def test_of_two_who_have_the_code_one_wins(house: Household) -> None:
    code, ended = house.door.set_up_code(), []
    house.sign_in._throttle = Throttle(pair="100/minute", address="100/minute", name="100/minute")

    def go(name: str) -> None:
        try:
            house.sign_in.set_up(code, name, PASSWORD, HOME)
            ended.append("won")
        except (Conflict, SetUpCodeWrong) as error:
            ended.append(error.code)

    threads = [threading.Thread(target=go, args=(f"User {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.count("won") == 1 and len(ended) == 4
    with pytest.raises(SetUpCodeWrong):
        house.sign_in.set_up(code, "Late", PASSWORD, HOME)


def test_pages_that_were_open_without_a_login_are_closed(house: Household) -> None:
    house.settle_in()
    assert () in house.ended()


# --- signing in -------------------------------------------------------------------------------------


def test_each_sign_in_makes_a_token_of_its_own(house: Household, owner: Actor) -> None:
    """Session fixation: what a browser had before is worth nothing after, and is never taken over."""
    first, one = house.enter("Anna", PASSWORD)
    second, two = house.enter("anna", PASSWORD)
    assert first != second and one.session_id != two.session_id
    assert house.sessions.who("planted by somebody") is None
    assert len(first) >= 43


@pytest.mark.parametrize("name", ["Anna", "nobody", "", "x" * 500, "anna\x00", "Ａｎｎａ"])
def test_an_unknown_name_looks_and_costs_the_same(house: Household, owner: Actor, name: str) -> None:
    house.passwords.verified.clear()
    with pytest.raises(SignInFailed) as refused:
        house.sign_in.begin(name, "wrong password", AWAY)
    assert (refused.value.detail, refused.value.params) == (SignInFailed().detail, {})
    assert len(house.passwords.verified) == 1
    assert house.entries()[-1].outcome == "refused"


def test_a_disabled_user_looks_like_none(house: Household, owner: Actor) -> None:
    ben = house.add()
    house.accounts.change(owner, ben.id, disabled=True)
    house.passwords.verified.clear()
    with pytest.raises(SignInFailed) as refused:
        house.sign_in.begin("Ben", OTHER, HOME)
    assert refused.value.params == {} and house.passwords.verified == [False]


def test_guessing_is_stopped_before_a_password_is_verified(house: Household, owner: Actor) -> None:
    with pytest.raises(TooManyAttempts):
        for number in range(50):
            with pytest.raises(SignInFailed):
                house.sign_in.begin("Anna", f"guess {number}", AWAY)
    before = len(house.passwords.verified)
    with pytest.raises(TooManyAttempts) as refused:
        house.sign_in.begin("Anna", PASSWORD, AWAY)
    assert len(house.passwords.verified) == before and refused.value.retry_after > 0


def test_a_stranger_locks_nobody_out(house: Household, owner: Actor) -> None:
    with pytest.raises(TooManyAttempts):
        for number in range(50):
            with pytest.raises(SignInFailed):
                house.sign_in.begin("Anna", f"guess {number}", AWAY)
    assert house.enter("Anna", PASSWORD, HOME)


def test_a_success_gives_the_own_attempts_back(house: Household, owner: Actor) -> None:
    for _ in range(4):
        for _ in range(3):
            with pytest.raises(SignInFailed):
                house.sign_in.begin("Anna", "a slip", HOME)
        house.enter("Anna", PASSWORD)


def test_other_spellings_share_the_attempts(house: Household, owner: Actor) -> None:
    with pytest.raises(TooManyAttempts):
        for name in ("Anna", "ANNA", "anna", "Ａnna", " anna ", "Anna", "anna") * 2:
            with pytest.raises(SignInFailed):
                house.sign_in.begin(name, "wrong", AWAY)


# --- the second factor ------------------------------------------------------------------------------


@pytest.fixture
def secret(house: Household, owner: Actor) -> str:
    made = house.turn_totp_on(owner)
    house.now += 60
    return made


def ticket(house: Household) -> str:
    made, whole = house.sign_in.begin("Anna", PASSWORD, HOME)
    assert not whole and house.sessions.who(made) is None
    return made


def test_a_code_is_good_once(house: Household, secret: str) -> None:
    code = house.code(secret)
    assert house.sessions.who(house.sign_in.second(ticket(house), code, HOME))
    with pytest.raises(SignInFailed) as refused:
        house.sign_in.second(ticket(house), code, HOME)
    assert case(refused) == "code"


def test_the_code_that_turned_it_on_does_not_sign_in(house: Household, owner: Actor) -> None:
    made = house.turn_totp_on(owner)
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket(house), house.code(made), HOME)


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "１２３４５６", "1" * 500, "12 34 56 78"])
def test_what_is_no_code_is_refused(house: Household, secret: str, code: str) -> None:
    with pytest.raises(SignInFailed):
        house.sign_in.second(ticket(house), code, HOME)


def test_codes_cannot_be_guessed(house: Household, secret: str) -> None:
    made = ticket(house)
    house.sign_in._throttle = Throttle(pair="1000/minute", address="1000/minute", name="1000/minute")
    for _ in range(TICKET_TRIES):
        with pytest.raises(SignInFailed) as refused:
            house.sign_in.second(made, "000000", AWAY)
    assert case(refused) == "code"
    with pytest.raises(SignInFailed) as refused:
        house.sign_in.second(made, house.code(secret), AWAY)
    assert case(refused) == "ticket"


def test_a_ticket_ends(house: Household, secret: str) -> None:
    made = ticket(house)
    house.now += TICKET_SECONDS + 1
    for each in (made, "", "never given"):
        with pytest.raises(SignInFailed) as refused:
            house.sign_in.second(each, house.code(secret), HOME)
        assert case(refused) == "ticket"


def test_a_ticket_is_used_up(house: Household, secret: str) -> None:
    made = ticket(house)
    house.sign_in.second(made, house.code(secret), HOME)
    house.now += 30
    with pytest.raises(SignInFailed) as refused:
        house.sign_in.second(made, house.code(secret), HOME)
    assert case(refused) == "ticket"


# --- signing out, and what stays on the disk ----------------------------------------------------------


def test_signing_out_ends_the_session_and_its_pages(house: Household, owner: Actor) -> None:
    token, actor = house.enter("Anna", PASSWORD)
    house.sign_in.sign_out(token, HOME)
    assert house.sessions.who(token) is None and (actor.session_id,) in house.ended()
    house.sign_in.sign_out(token, HOME)
    house.sign_in.sign_out("", HOME)


def test_no_password_token_or_code_is_in_the_files(house: Household, owner: Actor, secret: str, tmp_path: Path) -> None:
    token = house.sign_in.second(ticket(house), house.code(secret), HOME)
    api, _ = house.accounts.add_token(owner, "script", TokenScope.READ, days=None)
    with pytest.raises(SignInFailed):
        house.sign_in.begin("Anna", "a wrong password that is told", AWAY)
    house.store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for word in (PASSWORD, token, api, secret, house.code(secret), "a wrong password that is told", house.door.set_up_code()):
        assert word.encode() not in content

"""Users and what is theirs: the last admin stays, nobody reaches what belongs to others, a secret is never stored readable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role, TokenScope
from core.errors import (
    CastMindError,
    Conflict,
    LastAdmin,
    NotAllowed,
    NotFound,
    SignInFailed,
    TooManyAttempts,
    UserError,
    UserNameTaken,
)
from core.services.accounts.accounts import DAY, MOST_TOKENS, TOTP_MINUTES
from core.store.accounts import users
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household

NEW = "a wholly new pass phrase"


@pytest.fixture
def anna(house: Household) -> Actor:
    """The first user, signed in."""
    found = house.sessions.who(house.settle_in(), HOME)
    assert found
    return found


def at_once(*calls: Callable[[], object]) -> list[CastMindError | None]:
    """Run the calls at the same moment; return what each raised."""
    start, outcomes = threading.Barrier(len(calls)), list[CastMindError | None]([None] * len(calls))

    def run(number: int, call: Callable[[], object]) -> None:
        start.wait(timeout=10)
        try:
            call()
        except CastMindError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


# --- the last admin -------------------------------------------------------------------------------


def test_the_last_admin_stays(house: Household, anna: Actor) -> None:
    house.add("Ben", Role.MEMBER)
    for change in ({"role": Role.MEMBER}, {"role": Role.VIEWER}, {"disabled": True}, {"name": "Eve", "disabled": True}):
        with pytest.raises(LastAdmin):
            house.accounts.change(anna, 1, **change)  # type: ignore[arg-type]
    assert house.accounts.me(anna).name == "Anna", "a refused change changes nothing"
    assert house.accounts.own_sessions(anna), "and ends no session"


def test_an_admin_who_cannot_sign_in_does_not_count(house: Household, anna: Actor) -> None:
    ben = house.add("Ben", Role.ADMIN)
    house.accounts.change(anna, ben.id, disabled=True)
    house.store.write(lambda db: users.add(db, "Carl", Role.ADMIN, password=None, now=0.0))
    with pytest.raises(LastAdmin):
        house.accounts.change(anna, 1, disabled=True)
    house.accounts.change(anna, ben.id, disabled=False)
    house.accounts.change(anna, 1, disabled=True)
    with pytest.raises(LastAdmin):
        house.accounts.delete(OWNER, ben.id)


@pytest.mark.parametrize("change", [{"role": Role.MEMBER}, {"disabled": True}])
def test_of_two_admins_who_put_one_another_down_one_stays(house: Household, anna: Actor, change: dict[str, object]) -> None:
    ben = house.add("Ben", Role.ADMIN)
    _, as_ben = house.enter("Ben")
    outcomes = at_once(
        lambda: house.accounts.change(anna, ben.id, **change),  # type: ignore[arg-type]
        lambda: house.accounts.change(as_ben, 1, **change),  # type: ignore[arg-type]
    )
    assert [type(each) for each in outcomes if each] == [LastAdmin]
    assert len(users.admins(house.store.read())) == 1


def test_the_first_user_is_not_deleted(house: Household, anna: Actor) -> None:
    house.add("Ben", Role.ADMIN)
    with pytest.raises(Conflict):
        house.accounts.delete(anna, 1)
    assert house.accounts.me(anna).password


# --- users ----------------------------------------------------------------------------------------


def test_nobody_is_added_before_the_first_password(house: Household) -> None:
    with pytest.raises(Conflict):
        house.add()
    assert len(house.accounts.listing(OWNER)) == 1


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 65, "Ben\nadmin done", "Ben\x00", "B\u200ben", "\u202enneB", "B\tn\x1b[2J", "\ud800"]
)
def test_a_name_that_cannot_be_read_or_forges_lines_is_refused(house: Household, anna: Actor, name: str) -> None:
    if name in ("Ben\nadmin done",):
        assert house.add(name).name == "Ben admin done", "a line break is a space"
        return
    with pytest.raises(UserError):
        house.add(name)
    assert len(house.accounts.listing(anna)) == 1


@pytest.mark.parametrize("name", ["anna", "ANNA", "Ａnna", " Anna ", "An\u006ea"])
def test_a_name_that_reads_the_same_is_taken(house: Household, anna: Actor, name: str) -> None:
    with pytest.raises(UserNameTaken):
        house.add(name)


def test_less_power_counts_at_once_and_ends_the_sessions(house: Household, anna: Actor) -> None:
    ben = house.add("Ben", Role.ADMIN)
    token, as_ben = house.enter("Ben")
    house.accounts.change(anna, ben.id, role=Role.VIEWER)
    assert house.sessions.who(token) is None
    assert house.ended()[-1] == (as_ben.session_id,)


def test_more_power_counts_at_once_in_a_session_that_goes_on(house: Household, anna: Actor) -> None:
    ben = house.add("Ben")
    token, _ = house.enter("Ben")
    house.accounts.change(anna, ben.id, role=Role.MEMBER)
    found = house.sessions.who(token)
    assert found and found.role is Role.MEMBER


@pytest.mark.parametrize("how", ["disabled", "deleted", "password"])
def test_who_is_shut_out_is_out_at_once(house: Household, anna: Actor, how: str) -> None:
    ben = house.add("Ben", Role.MEMBER)
    token, as_ben = house.enter("Ben")
    if how == "disabled":
        house.accounts.change(anna, ben.id, disabled=True)
        house.accounts.change(anna, ben.id, disabled=False)
    elif how == "deleted":
        house.accounts.delete(anna, ben.id)
    else:
        house.accounts.reset_password(anna, ben.id, NEW)
    assert house.sessions.who(token) is None
    assert house.ended()[-1] == (as_ben.session_id,)


def test_a_reset_takes_the_second_factor_away_and_counts(house: Household, anna: Actor) -> None:
    ben = house.add("Ben")
    _, as_ben = house.enter("Ben")
    house.turn_totp_on(as_ben)
    house.accounts.reset_password(anna, ben.id, NEW)
    assert not house.accounts.me(as_ben).totp
    house.enter("Ben", NEW)
    with pytest.raises(SignInFailed):
        house.enter("Ben", OTHER)


def test_ones_own_account_is_not_changed_by_the_right_over_others(house: Household, anna: Actor) -> None:
    """A session that was left open, or a token that leaked, must not do without the present password."""
    token = replace(anna, how="token", session_id=0)
    for actor in (anna, token):
        with pytest.raises(NotAllowed):
            house.accounts.reset_password(actor, 1, NEW)
    with pytest.raises(NotAllowed):
        house.accounts.open_again(token)
    with pytest.raises(NotAllowed):
        house.accounts.revoke_sessions_of(token, 1)
    house.enter("Anna", PASSWORD)
    house.accounts.reset_password(replace(OWNER, how="console"), 1, NEW)
    house.enter("Anna", NEW)


def test_it_is_open_again_only_alone_on_this_computer(house: Household, anna: Actor) -> None:
    ben = house.add()
    with pytest.raises(Conflict):
        house.accounts.open_again(anna)
    house.accounts.delete(anna, ben.id)
    house.door.listen_at("0.0.0.0")
    with pytest.raises(Conflict):
        house.accounts.open_again(anna)
    assert house.door.needs_password
    house.door.listen_at("127.0.0.1")
    house.accounts.open_again(anna)
    assert not house.door.needs_password and house.accounts.own_sessions(anna) == []
    assert house.ended()[-1] == ()


# --- one's own password ---------------------------------------------------------------------------


def test_a_new_password_ends_all_other_sessions(house: Household, anna: Actor) -> None:
    elsewhere, other = house.enter("Anna", PASSWORD)
    house.accounts.change_own_password(anna, PASSWORD, NEW)
    assert house.sessions.who(elsewhere) is None
    assert [each.id for each in house.accounts.own_sessions(anna)] == [anna.session_id]
    assert house.ended()[-1] == (other.session_id,)


def test_a_wrong_present_password_changes_nothing_and_is_counted(house: Household, anna: Actor) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            house.accounts.change_own_password(anna, "wrong", NEW)
    with pytest.raises(TooManyAttempts):
        house.accounts.change_own_password(anna, PASSWORD, NEW)
    house.enter("Anna", PASSWORD)


def test_a_password_that_was_reset_meanwhile_is_not_set_back(house: Household, anna: Actor) -> None:
    ben = house.add()
    _, as_ben = house.enter("Ben")
    plain = house.passwords.hash

    def hash_slowly(password: str) -> str:
        house.passwords.hash = plain  # type: ignore[method-assign]
        house.accounts.reset_password(anna, ben.id, NEW)
        return plain(password)

    house.passwords.hash = hash_slowly  # type: ignore[method-assign]
    with pytest.raises(SignInFailed):
        house.accounts.change_own_password(as_ben, OTHER, "a thief's own pass phrase")
    house.enter("Ben", NEW)


# --- the second factor ----------------------------------------------------------------------------


def test_a_second_factor_counts_once_it_is_proven(house: Household, anna: Actor) -> None:
    house.accounts.begin_totp(anna)
    assert not house.accounts.me(anna).totp
    house.enter("Anna", PASSWORD)
    with pytest.raises(SignInFailed):
        house.accounts.confirm_totp(anna, "000000")
    assert not house.accounts.me(anna).totp


def test_what_was_offered_is_forgotten(house: Household, anna: Actor) -> None:
    secret, _ = house.accounts.begin_totp(anna)
    house.now += TOTP_MINUTES * 60 + 1
    with pytest.raises(Conflict):
        house.accounts.confirm_totp(anna, house.code(secret))
    assert not house.accounts.me(anna).totp


def test_only_the_newest_offer_of_the_same_user_counts(house: Household, anna: Actor) -> None:
    house.add()
    _, as_ben = house.enter("Ben")
    old, _ = house.accounts.begin_totp(anna)
    house.accounts.begin_totp(anna)
    with pytest.raises(SignInFailed):
        house.accounts.confirm_totp(anna, house.code(old))
    with pytest.raises(Conflict):
        house.accounts.confirm_totp(as_ben, house.code(old))


def test_one_that_is_on_is_not_replaced_and_goes_by_the_password_alone(house: Household, anna: Actor) -> None:
    house.turn_totp_on(anna)
    with pytest.raises(Conflict):
        house.accounts.begin_totp(anna)
    with pytest.raises(SignInFailed):
        house.accounts.end_totp(anna, "wrong")
    assert house.accounts.me(anna).totp
    house.accounts.end_totp(anna, PASSWORD)
    assert not house.accounts.me(anna).totp


# --- sessions and tokens of others ----------------------------------------------------------------


def test_what_belongs_to_others_is_not_found(house: Household, anna: Actor) -> None:
    house.add("Ben", Role.ADMIN)
    _, as_ben = house.enter("Ben")
    _, made = house.accounts.add_token(anna, "backup", TokenScope.READ, days=1)
    with pytest.raises(NotFound):
        house.accounts.revoke_session(as_ben, anna.session_id)
    with pytest.raises(NotFound):
        house.accounts.revoke_token(as_ben, made.id)
    assert house.accounts.own_tokens(as_ben) == []
    assert [each.id for each in house.accounts.own_sessions(as_ben)] == [as_ben.session_id]
    assert house.accounts.revoke_other_sessions(as_ben) == 0
    assert house.accounts.own_sessions(anna) and house.accounts.own_tokens(anna) == [made]


def test_one_session_and_all_others_are_ended(house: Household, anna: Actor) -> None:
    tokens = [house.enter("Anna", PASSWORD) for _ in range(3)]
    house.accounts.revoke_session(anna, tokens[0][1].session_id)
    assert [house.sessions.who(token) is None for token, _ in tokens] == [True, False, False]
    assert house.accounts.revoke_other_sessions(anna) == 2
    assert [each.id for each in house.accounts.own_sessions(anna)] == [anna.session_id]


def test_an_admin_ends_the_sessions_of_a_user(house: Household, anna: Actor) -> None:
    ben = house.add()
    token, as_ben = house.enter("Ben")
    assert [each.id for each in house.accounts.sessions_of(anna, ben.id)] == [as_ben.session_id]
    assert house.accounts.revoke_sessions_of(anna, ben.id) == 1
    assert house.sessions.who(token) is None and house.accounts.own_sessions(anna)


# --- API tokens -----------------------------------------------------------------------------------


def test_a_token_does_no_more_than_its_user_and_ends(house: Household, anna: Actor) -> None:
    house.add("Ben", Role.MEMBER)
    _, as_ben = house.enter("Ben")
    with pytest.raises(NotAllowed):
        house.accounts.add_token(as_ben, "all", TokenScope.ADMIN, days=1)
    secret, made = house.accounts.add_token(as_ben, " a \n b ", TokenScope.WRITE, days=1)
    assert (made.name, made.hint, made.ends_at) == ("a b", secret[-4:], house.now + DAY)
    house.accounts.change(anna, as_ben.user_id, role=Role.VIEWER)
    found = house.sessions.who_bears(secret, HOME)
    assert found and found.role is Role.VIEWER, "the role of now bounds the scope"
    house.now += DAY
    assert house.sessions.who_bears(secret, HOME) is None


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf"), 3651])
def test_an_end_that_is_none_is_refused(house: Household, anna: Actor, days: float) -> None:
    with pytest.raises(UserError):
        house.accounts.add_token(anna, "a", TokenScope.READ, days=days)


@pytest.mark.parametrize("name", ["", " \n ", "x" * 81, "a\x1b[2Jb", "a\u200bb"])
def test_a_token_has_a_readable_name(house: Household, anna: Actor, name: str) -> None:
    with pytest.raises(UserError):
        house.accounts.add_token(anna, name, TokenScope.READ, days=None)


def test_a_user_has_a_bounded_number_of_tokens(house: Household, anna: Actor) -> None:
    for number in range(MOST_TOKENS):
        house.accounts.add_token(anna, str(number), TokenScope.READ, days=None)
    with pytest.raises(Conflict):
        house.accounts.add_token(anna, "one more", TokenScope.READ, days=None)


def test_no_secret_stands_in_the_database_or_the_log(
    house: Household, anna: Actor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.add()
    session, as_ben = house.enter("Ben")
    token, _ = house.accounts.add_token(as_ben, "a", TokenScope.READ, days=None)
    totp = house.turn_totp_on(as_ben)
    assert house.sessions.who_bears(token, HOME)
    assert house.store.events.settle()
    files = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert any(b"SQLite format 3" in each for each in files)
    for secret in (session, token, totp, OTHER, PASSWORD):
        assert not any(secret.encode() in each for each in files)
        assert secret not in caplog.text

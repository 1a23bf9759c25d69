"""Users and what they keep of themselves: the last admin stays, power that is taken away is gone, nobody touches another's."""

from __future__ import annotations

import threading

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
from core.services.accounts.accounts import MOST_TOKENS
from tests.accounts_fixture import HOME, OTHER, PASSWORD, Household


@pytest.fixture
def ben(house: Household, owner: Actor) -> Actor:
    house.add(role=Role.MEMBER)
    return house.enter("Ben")[1]


# --- the last admin ---------------------------------------------------------------------------------


def test_the_last_admin_stays(house: Household, owner: Actor, ben: Actor) -> None:
    for change in ({"role": Role.MEMBER}, {"role": Role.VIEWER}, {"disabled": True}):
        with pytest.raises(LastAdmin):
            house.accounts.change(owner, owner.user_id, **change)  # type: ignore[arg-type]
    assert house.accounts.me(owner).role is Role.ADMIN
    house.accounts.change(owner, ben.user_id, role=Role.ADMIN)
    house.accounts.change(owner, owner.user_id, role=Role.MEMBER)
    with pytest.raises(LastAdmin):
        house.accounts.delete(ben, ben.user_id)


def test_an_admin_who_cannot_sign_in_is_none(house: Household, owner: Actor, ben: Actor) -> None:
    house.accounts.change(owner, ben.user_id, role=Role.ADMIN, disabled=True)
    with pytest.raises(LastAdmin):
        house.accounts.change(owner, owner.user_id, role=Role.VIEWER)


def test_two_admins_who_demote_each_other_leave_one(house: Household, owner: Actor, ben: Actor) -> None:
    house.accounts.change(owner, ben.user_id, role=Role.ADMIN)
    refused: list[str] = []
    together = threading.Barrier(2)

    def demote(user_id: int) -> None:
        together.wait()
        try:
            house.accounts.change(OWNER, user_id, role=Role.VIEWER)
        except LastAdmin as error:
            refused.append(error.code)

    threads = [threading.Thread(target=demote, args=(each,)) for each in (owner.user_id, ben.user_id)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_admin"]
    assert sum(user.role is Role.ADMIN for user in house.accounts.listing(OWNER)) == 1


def test_the_first_user_is_disabled_not_deleted(house: Household, owner: Actor, ben: Actor) -> None:
    house.accounts.change(owner, ben.user_id, role=Role.ADMIN)
    with pytest.raises(Conflict):
        house.accounts.delete(ben, owner.user_id)
    house.accounts.change(ben, owner.user_id, disabled=True)
    assert house.accounts.me(owner).disabled


# --- users ------------------------------------------------------------------------------------------


def test_others_come_after_a_password_of_ones_own(house: Household) -> None:
    with pytest.raises(Conflict):
        house.accounts.add(OWNER, "Ben", Role.MEMBER, OTHER)


@pytest.mark.parametrize("name", ["anna", "ANNA", "Ａｎｎａ", " Anna ", "An\u00a0na".replace("\u00a0", "") + " "])
def test_a_name_is_taken_in_every_spelling(house: Household, owner: Actor, name: str) -> None:
    with pytest.raises(UserNameTaken):
        house.accounts.add(owner, name, Role.VIEWER, OTHER)


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\x00", "a\u202eb", "a\u200bb"])
def test_a_name_that_could_deceive_is_refused(house: Household, owner: Actor, name: str) -> None:
    with pytest.raises(UserError):
        house.accounts.add(owner, name, Role.VIEWER, OTHER)


def test_a_new_password_by_an_admin_ends_all_that_was_open(house: Household, owner: Actor, ben: Actor) -> None:
    house.turn_totp_on(ben)
    house.accounts.reset_password(owner, ben.user_id, "another one for Ben")
    assert house.accounts.own_sessions(ben) == [] and (ben.session_id,) in house.ended()
    assert not house.accounts.me(ben).totp
    with pytest.raises(SignInFailed):
        house.sign_in.begin("Ben", OTHER, HOME)
    house.enter("Ben", "another one for Ben")


def test_a_deleted_user_leaves_nothing_open(house: Household, owner: Actor, ben: Actor) -> None:
    secret, _ = house.accounts.add_token(ben, "script", TokenScope.READ, days=None)
    house.accounts.delete(owner, ben.user_id)
    assert house.sessions.who_bears(secret, HOME) is None
    assert all(row["user_id"] != ben.user_id for table in ("sessions", "api_tokens") for row in house.rows(table))
    with pytest.raises(NotFound):
        house.accounts.me(ben)


# --- oneself ----------------------------------------------------------------------------------------


def test_a_new_password_takes_the_old_one_and_ends_other_sessions(house: Household, ben: Actor) -> None:
    _, other = house.enter("Ben")
    for wrong in ("", "wrong", OTHER + " "):
        with pytest.raises(SignInFailed):
            house.accounts.change_own_password(ben, wrong, "brand new words")
    house.accounts.change_own_password(ben, OTHER, "brand new words")
    assert [row.id for row in house.accounts.own_sessions(ben)] == [ben.session_id]
    assert (other.session_id,) in house.ended()
    house.enter("Ben", "brand new words")


def test_the_present_password_cannot_be_guessed(house: Household, ben: Actor) -> None:
    with pytest.raises(TooManyAttempts):
        for number in range(50):
            with pytest.raises(SignInFailed):
                house.accounts.change_own_password(ben, f"guess {number}", "brand new words")


@pytest.mark.parametrize("password", ["short", "password", "Ben", "x" * 2_000])
def test_a_bad_password_changes_nothing(house: Household, ben: Actor, password: str) -> None:
    with pytest.raises(UserError):
        house.accounts.change_own_password(ben, OTHER, password)
    house.enter("Ben")


def test_sessions_and_tokens_of_others_are_out_of_reach(house: Household, owner: Actor, ben: Actor) -> None:
    """Object-level access: an id is not enough."""
    _, row = house.accounts.add_token(owner, "of the owner", TokenScope.ADMIN, days=None)
    with pytest.raises(NotFound):
        house.accounts.revoke_session(ben, owner.session_id)
    with pytest.raises(NotFound):
        house.accounts.revoke_token(ben, row.id)
    assert len(house.accounts.own_tokens(owner)) == 1 and house.accounts.own_tokens(ben) == []
    assert {each.user_id for each in house.accounts.own_sessions(ben)} == {ben.user_id}


def test_log_out_everywhere_leaves_this_browser(house: Household, ben: Actor) -> None:
    for _ in range(3):
        house.enter("Ben")
    assert house.accounts.revoke_other_sessions(ben) == 3
    assert [row.id for row in house.accounts.own_sessions(ben)] == [ben.session_id]


def test_a_second_factor_counts_once_it_is_proven(house: Household, ben: Actor) -> None:
    secret, picture = house.accounts.begin_totp(ben)
    assert picture.startswith("<svg") and not house.accounts.me(ben).totp
    with pytest.raises(SignInFailed):
        house.accounts.confirm_totp(ben, "000000")
    house.enter("Ben")
    house.accounts.confirm_totp(ben, house.code(secret))
    assert house.accounts.me(ben).totp
    assert secret not in str(house.rows("users"))
    with pytest.raises(Conflict):
        house.accounts.begin_totp(ben)
    with pytest.raises(SignInFailed):
        house.accounts.end_totp(ben, "wrong")
    house.accounts.end_totp(ben, OTHER)
    assert not house.accounts.me(ben).totp


def test_an_offer_of_a_second_factor_ends(house: Household, ben: Actor) -> None:
    secret, _ = house.accounts.begin_totp(ben)
    house.now += 11 * 60
    with pytest.raises(Conflict):
        house.accounts.confirm_totp(ben, house.code(secret))


# --- API tokens -------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_never_does_more_than_its_user(house: Household, ben: Actor) -> None:
    secret, row = house.accounts.add_token(ben, " backup  script ", TokenScope.WRITE, days=90)
    assert row.name == "backup script" and row.hint == secret[-4:] and secret not in str(house.rows("api_tokens"))
    with pytest.raises(NotAllowed):
        house.accounts.add_token(ben, "more", TokenScope.ADMIN, days=1)


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 81, 1), ("a\nb\x1b", 1), ("ok", 0), ("ok", -1), ("ok", 4000)])
def test_a_token_without_a_name_or_an_end_in_reason_is_refused(house: Household, ben: Actor, name: str, days: float) -> None:
    with pytest.raises(CastMindError):
        house.accounts.add_token(ben, name, TokenScope.READ, days=days)
    assert house.accounts.own_tokens(ben) == []


def test_tokens_have_an_end_in_number(house: Household, ben: Actor) -> None:
    for number in range(MOST_TOKENS):
        house.accounts.add_token(ben, f"token {number}", TokenScope.READ, days=1)
    with pytest.raises(Conflict):
        house.accounts.add_token(ben, "one more", TokenScope.READ, days=1)


# --- without a login again --------------------------------------------------------------------------


def test_this_computer_can_be_opened_again_while_it_is_alone(house: Household, owner: Actor, ben: Actor) -> None:
    with pytest.raises(Conflict) as refused:
        house.accounts.open_again(owner)
    assert refused.value.params["case"] == "other_users"
    house.accounts.delete(owner, ben.user_id)
    house.door.listen_at("0.0.0.0")
    with pytest.raises(Conflict) as refused:
        house.accounts.open_again(owner)
    assert refused.value.params["case"] == "exposed"
    house.door.listen_at("127.0.0.1")
    house.accounts.open_again(owner)
    assert not house.door.needs_password and house.rows("sessions") == []


def test_a_password_is_the_same_however_a_keyboard_composes_it(house: Household, owner: Actor) -> None:
    house.accounts.change_own_password(owner, PASSWORD, "un mot de passe tr\u00e8s s\u00fbr")
    house.enter("Anna", "un mot de passe tre\u0300s su\u0302r")

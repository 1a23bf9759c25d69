"""Who a request is: sessions and tokens that end, are revoked, or were never given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role, TokenScope
from core.domain.accounts.visit import Visit
from core.events import SignedIn
from core.services.accounts.sessions import DAY, IDLE_DAYS, LONGEST_DAYS, TOUCH_SECONDS
from tests.accounts_fixture import HOME, PASSWORD, Household


def test_only_the_digest_is_kept(house: Household, owner: Actor) -> None:
    token, _ = house.enter("Anna", PASSWORD)
    assert all(token not in str(row) for row in house.rows("sessions"))
    digest = house.rows("sessions")[-1]["digest"]
    assert house.sessions.who(digest) is None


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "a" * 10_000])
def test_what_was_never_given_is_nobody(house: Household, owner: Actor, token: str) -> None:
    assert house.sessions.who(token, HOME) is None and house.sessions.who_bears(token, HOME) is None


def test_a_session_that_is_not_used_ends(house: Household, owner: Actor) -> None:
    token, _ = house.enter("Anna", PASSWORD)
    house.now += IDLE_DAYS * DAY - 1
    assert house.sessions.who(token, HOME)
    house.now += IDLE_DAYS * DAY - 1
    assert house.sessions.who(token, HOME)
    house.now += IDLE_DAYS * DAY + 1
    assert house.sessions.who(token, HOME) is None


def test_however_it_is_used_it_ends_at_last(house: Household, owner: Actor) -> None:
    token, _ = house.enter("Anna", PASSWORD)
    for _ in range(int(LONGEST_DAYS // 20)):
        house.now += 20 * DAY
        house.sessions.who(token, HOME)
    assert house.sessions.who(token, HOME) is None


def test_a_look_without_a_visit_is_no_use(house: Household, owner: Actor) -> None:
    """A page that stays open and reruns by itself keeps no session alive."""
    token, _ = house.enter("Anna", PASSWORD)
    before = house.rows("sessions")[-1]
    house.now += TOUCH_SECONDS * 10
    assert house.sessions.who(token)
    assert house.rows("sessions")[-1] == before
    house.sessions.who(token, replace(HOME, address="192.168.1.99"))
    assert house.rows("sessions")[-1]["address"] == "192.168.1.99"


def test_a_role_that_was_taken_away_is_gone_at_once(house: Household, owner: Actor) -> None:
    ben = house.add(role=Role.MEMBER)
    token, actor = house.enter("Ben")
    assert actor.role is Role.MEMBER
    house.accounts.change(owner, ben.id, role=Role.ADMIN)
    found = house.sessions.who(token)
    assert found and found.role is Role.ADMIN
    house.accounts.change(owner, ben.id, role=Role.VIEWER)
    assert house.sessions.who(token) is None and (actor.session_id,) in house.ended()


def test_an_api_token_is_bounded_by_scope_and_user(house: Household, owner: Actor) -> None:
    ben = house.add(role=Role.MEMBER)
    _, actor = house.enter("Ben")
    read, _ = house.accounts.add_token(actor, "reader", TokenScope.READ, days=1)
    write, _ = house.accounts.add_token(actor, "writer", TokenScope.WRITE, days=None)
    found = house.sessions.who_bears(read, HOME)
    assert found and (found.role, found.how, found.session_id) == (Role.VIEWER, "token", 0)
    house.accounts.change(owner, ben.id, role=Role.VIEWER)
    found = house.sessions.who_bears(write, HOME)
    assert found and found.role is Role.VIEWER
    house.accounts.change(owner, ben.id, disabled=True)
    assert house.sessions.who_bears(read, HOME) is None


def test_an_api_token_ends_and_is_revoked(house: Household, owner: Actor) -> None:
    short, row = house.accounts.add_token(owner, "a day", TokenScope.READ, days=1)
    house.now += DAY + 1
    assert house.sessions.who_bears(short, HOME) is None
    other, row = house.accounts.add_token(owner, "for ever", TokenScope.READ, days=None)
    assert house.sessions.who_bears(other, HOME)
    house.accounts.revoke_token(owner, row.id)
    assert house.sessions.who_bears(other, HOME) is None


def test_a_session_is_no_api_token_and_the_other_way_round(house: Household, owner: Actor) -> None:
    token, _ = house.enter("Anna", PASSWORD)
    api, _ = house.accounts.add_token(owner, "script", TokenScope.ADMIN, days=None)
    assert house.sessions.who_bears(token, HOME) is None and house.sessions.who(api, HOME) is None


def test_the_token_of_this_computer_is_the_owner_and_new_at_each_start(house: Household) -> None:
    found = house.sessions.who_bears(house.sessions.local_token(), HOME)
    assert found and (found.user_id, found.role, found.how) == (OWNER.user_id, Role.ADMIN, "console")
    assert Household.__init__ and house.sessions.local_token() not in str(house.rows("sessions"))


def test_a_sign_in_is_told_with_its_place(house: Household, owner: Actor) -> None:
    house.enter("Anna", PASSWORD, Visit("203.0.113.9", "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"))
    assert house.store.events.settle()
    told = [event for event in house.heard if isinstance(event, SignedIn)][-1]
    assert (told.user_id, told.address) == (1, "203.0.113.9") and "Firefox" in told.browser


def test_after_a_restore_everybody_signs_in_again(house: Household, owner: Actor) -> None:
    token, _ = house.enter("Anna", PASSWORD)
    house.sessions.end_all()
    assert house.sessions.who(token) is None and house.rows("sessions") == [] and () in house.ended()


def test_ended_sessions_are_swept(house: Household, owner: Actor) -> None:
    house.now += LONGEST_DAYS * DAY
    house.sessions.step()
    assert house.rows("sessions") == []

"""Linking an account at a provider: with consent, the password and the same session, and never to two users."""

from __future__ import annotations

import pytest

from core.domain.accounts.role import Role
from core.errors import Conflict, SignInFailed
from tests.accounts_fixture import HOME, OTHER, PASSWORD
from tests.fakes.sign_in_provider import SignInProvider
from tests.services.accounts.test_provider_sign_in import Home, home, open_home, provider

__all__ = ["home", "open_home", "provider"]


def test_it_is_linked_and_unlinked(home: Home) -> None:
    assert home.owner
    home.link(home.owner)
    assert [each.label for each in home.house.identities.own(home.owner)] == ["anna"]
    home.house.identities.unlink(home.owner)
    assert home.house.identities.own(home.owner) == []
    with pytest.raises(SignInFailed):
        home.sign_in()


def test_it_takes_the_password(home: Home) -> None:
    """A page that is left open, or another site's trick, links nobody."""
    assert home.owner
    with pytest.raises(SignInFailed):
        home.link(home.owner, "wrong")
    assert home.house.rows("user_identities") == []


def test_it_takes_the_session_that_began(home: Home) -> None:
    assert home.owner
    link = home.sign_in(home.owner).link
    ben = home.house.add(role=Role.MEMBER)
    _, other = home.house.enter("Ben")
    _, same_user = home.house.enter("Anna", PASSWORD)
    for actor, password in ((other, OTHER), (same_user, PASSWORD)):
        with pytest.raises(SignInFailed):
            home.house.identities.link(actor, link, password)
    assert home.house.identities.of(home.owner, ben.id) == []


def test_a_round_trip_to_link_signs_nobody_in(home: Home) -> None:
    assert home.owner
    home.link(home.owner)
    sealed, answer = home.go(home.owner)
    with pytest.raises(SignInFailed):
        home.house.provider_sign_in.finish(sealed, answer, None, HOME)
    arrival = home.sign_in(home.owner)
    assert arrival.token == "" and arrival.link


def test_a_round_trip_to_sign_in_links_nothing(home: Home) -> None:
    assert home.owner
    home.link(home.owner)
    sealed, _ = home.go()
    with pytest.raises(SignInFailed):
        home.house.identities.link(home.owner, sealed, PASSWORD)


def test_one_account_is_never_two_users(home: Home) -> None:
    assert home.owner
    home.house.add(role=Role.MEMBER)
    _, ben = home.house.enter("Ben")
    home.link(ben, OTHER)
    with pytest.raises(Conflict) as refused:
        home.link(home.owner)
    assert refused.value.params["case"] == "identity_taken"
    assert home.who(home.sign_in()).user_id == ben.user_id


def test_another_account_takes_the_place_of_the_first(home: Home, provider: SignInProvider) -> None:
    assert home.owner
    home.link(home.owner)
    provider.person = {"sub": "person-2", "email": "second@example.net"}
    home.link(home.owner)
    assert [each.label for each in home.house.identities.own(home.owner)] == ["second@example.net"]
    provider.person = {"sub": "person-1"}
    with pytest.raises(SignInFailed):
        home.sign_in()


def test_nobody_is_left_without_a_way_in(open_home: Home) -> None:
    assert open_home.owner
    guest = open_home.who(open_home.sign_in())
    with pytest.raises(Conflict) as refused:
        open_home.house.identities.unlink(guest)
    assert refused.value.params["case"] == "no_other_way_in"
    with pytest.raises(Conflict):
        open_home.house.identities.unlink_of(open_home.owner, guest.user_id)
    open_home.house.accounts.reset_password(open_home.owner, guest.user_id, OTHER)
    open_home.house.identities.unlink_of(open_home.owner, guest.user_id)
    assert open_home.house.identities.of(open_home.owner, guest.user_id) == []


def test_a_deleted_user_leaves_no_link(open_home: Home) -> None:
    assert open_home.owner
    open_home.sign_in()
    open_home.house.accounts.delete(open_home.owner, 2)
    assert open_home.house.rows("user_identities") == []

"""The users on the settings page: added, changed, disabled, deleted by an admin, and by nobody else; the audit log."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import Role
from tests.pages.conftest import Open
from tests.pages.settings.signed_in import PASSWORD, sign_in, user_of

BENS = "the password of another"


@pytest.fixture
def owner(castmind: CastMind, monkeypatch: pytest.MonkeyPatch) -> Actor:
    castmind.accounts.change_own_password(OWNER, "", PASSWORD)
    return sign_in(castmind, monkeypatch)


def test_before_a_password_of_ones_own_nobody_is_added(castmind: CastMind, opened: Open) -> None:
    page = opened("settings/page.py", group="accounts")
    assert page.info and not [each for each in page.text_input if each.key == "people.name"]


def test_somebody_is_added(castmind: CastMind, opened: Open, owner: Actor) -> None:
    page = opened("settings/page.py", group="accounts")
    page.text_input(key="people.name").set_value("Ben")
    page.text_input(key="people.password").set_value(BENS)
    page.selectbox(key="people.role").set_value(Role.VIEWER)
    next(each for each in page.button if each.form_id == "people-add").click().run()
    assert [(user.name, user.role) for user in castmind.accounts.listing(owner)][1:] == [("Ben", Role.VIEWER)]
    page = opened("settings/page.py", group="accounts")
    assert any("**Ben** · viewer" in each.label for each in page.expander)


def test_a_card_changes_role_password_and_whether_they_may_sign_in(castmind: CastMind, opened: Open, owner: Actor) -> None:
    ben = castmind.accounts.add(owner, "Ben", Role.VIEWER, BENS)
    page = opened("settings/page.py", group="accounts")
    page.selectbox(key=f"people.role.{ben.id}").set_value(Role.MEMBER).run()
    assert user_of(castmind, ben.id).role is Role.MEMBER
    page.toggle(key=f"people.may_sign_in.{ben.id}").set_value(False).run()
    assert user_of(castmind, ben.id).disabled
    before = castmind.accounts._store.read().execute("SELECT password FROM users WHERE id = ?", [ben.id]).fetchone()
    page.text_input(key=f"people.password.{ben.id}").set_value("short").run()
    page.button(key=f"people.set_password.{ben.id}").click().run()
    after = castmind.accounts._store.read().execute("SELECT password FROM users WHERE id = ?", [ben.id]).fetchone()
    assert before["password"] == after["password"] and not page.exception


def test_the_last_admin_stays_one_on_the_page_too(castmind: CastMind, opened: Open, owner: Actor) -> None:
    page = opened("settings/page.py", group="accounts")
    page.selectbox(key="people.role.1").set_value(Role.VIEWER).run()
    assert user_of(castmind, 1).role is Role.ADMIN and not page.exception


def test_a_person_is_deleted_after_a_question(castmind: CastMind, opened: Open, owner: Actor) -> None:
    ben = castmind.accounts.add(owner, "Ben", Role.VIEWER, BENS)
    page = opened("settings/page.py", group="accounts")
    assert not [each for each in page.button if each.key == "people.delete.1"]
    page.button(key=f"people.delete.{ben.id}").click().run()
    assert len(castmind.accounts.listing(owner)) == 2
    page.button(key="people.delete_yes").click().run()
    assert len(castmind.accounts.listing(owner)) == 1


def test_a_name_is_shown_as_it_is(castmind: CastMind, opened: Open, owner: Actor) -> None:
    castmind.accounts.add(owner, "<b>*Ben*</b>|", Role.VIEWER, BENS)
    page = opened("settings/page.py", group="accounts")
    label = next(each.label for each in page.expander if "Ben" in each.label)
    assert "<b>" not in label and "*Ben*" not in label.replace("\\*", "")


def test_the_audit_log_is_shown_and_offered(castmind: CastMind, opened: Open, owner: Actor) -> None:
    assert castmind.events.settle()
    page = opened("settings/page.py", group="accounts")
    assert any("sign" in each.value and "| admin |" in each.value.replace("\\", "") for each in page.markdown)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_others_see_only_themselves(
    castmind: CastMind, opened: Open, owner: Actor, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    castmind.accounts.add(owner, "Ben", role, BENS)
    sign_in(castmind, monkeypatch, "Ben", BENS)
    page = opened("settings/page.py", group="accounts")
    keys = {each.key or "" for each in (*page.button, *page.text_input, *page.selectbox, *page.toggle)}
    assert not [key for key in keys if key.startswith("people.")] and not page.exception
    assert "account.token_make" in keys

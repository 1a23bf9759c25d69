"""The reader's own account on the settings page: password, second factor, sessions, tokens."""

from __future__ import annotations

import pyotp
import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.accounts.role import TokenScope
from tests.pages.conftest import Open
from tests.pages.settings.signed_in import HOME, PASSWORD, sign_in, user_of

NEW = "another password of tests"


@pytest.fixture
def owner(castmind: CastMind, monkeypatch: pytest.MonkeyPatch) -> Actor:
    castmind.accounts.change_own_password(OWNER, "", PASSWORD)
    return sign_in(castmind, monkeypatch)


def said(page: object) -> str:
    return " ".join(each.value.replace("\\", "") for each in (*page.markdown, *page.caption, *page.toast, *page.success))  # type: ignore[attr-defined]


def test_before_a_password_one_is_set(castmind: CastMind, opened: Open) -> None:
    page = opened("settings/page.py", group="accounts")
    assert not [each for each in page.text_input if each.key == "account.present"]
    page.text_input(key="account.new").set_value(NEW)
    page.text_input(key="account.again").set_value("something else")
    page.button[0].click().run()
    assert not castmind.front_door.needs_password
    page.text_input(key="account.new").set_value(NEW)
    page.text_input(key="account.again").set_value(NEW)
    page.button[0].click().run()
    assert castmind.front_door.needs_password


def test_the_password_is_changed_with_the_present_one(castmind: CastMind, opened: Open, owner: Actor) -> None:
    page = opened("settings/page.py", group="accounts")
    for present, works in (("wrong", False), (PASSWORD, True)):
        page.text_input(key="account.present").set_value(present)
        page.text_input(key="account.new").set_value(NEW)
        page.text_input(key="account.again").set_value(NEW)
        next(each for each in page.button if each.form_id == "account-password").click().run()
        assert not page.exception
        assert castmind.sign_in._passwords.verify(_hash(castmind), NEW) is works


def _hash(castmind: CastMind) -> str:
    row = castmind.accounts._store.read().execute("SELECT password FROM users WHERE id = 1").fetchone()
    return str(row["password"])


def test_a_second_factor_is_turned_on_and_off(castmind: CastMind, opened: Open, owner: Actor) -> None:
    page = opened("settings/page.py", group="accounts")
    page.button(key="account.totp_begin").click().run()
    secret = castmind.accounts._offered[1][0]
    assert secret in said(page)
    page.text_input(key="account.totp_code").set_value(pyotp.TOTP(secret).now())
    page.button(key="account.totp_confirm").click().run()
    assert user_of(castmind, 1).totp and not page.exception
    page = opened("settings/page.py", group="accounts")
    page.text_input(key="account.totp_password").set_value(PASSWORD)
    page.button(key="account.totp_end").click().run()
    assert not user_of(castmind, 1).totp


def test_sessions_are_listed_and_others_ended(
    castmind: CastMind, opened: Open, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sign_in(castmind, monkeypatch)
    present = sign_in(castmind, monkeypatch)
    page = opened("settings/page.py", group="accounts")
    assert said(page).count("Firefox") == 3 and "192.168.1.20" in said(page)
    assert not [each for each in page.button if each.key == f"account.session.{present.session_id}"]
    page.button(key=f"account.session.{other.session_id}").click().run()
    page.button(key="account.sessions_end_others").click().run()
    assert [row.id for row in castmind.accounts.own_sessions(present)] == [present.session_id]


def test_a_token_is_shown_once_and_revoked(castmind: CastMind, opened: Open, owner: Actor) -> None:
    page = opened("settings/page.py", group="accounts")
    page.text_input(key="account.token_name").set_value("backup <b>script</b>")
    page.selectbox(key="account.token_scope").set_value(TokenScope.WRITE)
    page.button(key="account.token_make").click().run()
    (row,) = castmind.accounts.own_tokens(owner)
    secrets = [each.value for each in page.code if each.value.endswith(row.hint)]
    assert len(secrets) == 1 and castmind.sessions.who_bears(secrets[0], HOME)
    assert row.scope is TokenScope.WRITE and "<b>" not in " ".join(each.value for each in page.markdown)
    page.run()
    assert not [each for each in page.code if each.value.endswith(row.hint)]
    page.button(key=f"account.token.{row.id}").click().run()
    assert castmind.accounts.own_tokens(owner) == [] and not page.exception

"""Notification channels in the settings: none, one that works, one that does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.text import texts
from tests.fakes.notification_host import NotificationHost
from tests.pages.conftest import open_page

EN = texts("en")


@pytest.fixture
def host() -> Iterator[NotificationHost]:
    with NotificationHost() as running:
        yield running


def shown(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(
        str(each.value).replace("\\", "").replace("\u2060", "")
        for each in (*page.markdown, *page.caption, *page.info, *page.code)
    )


def add(castmind: CastMind, host: NotificationHost) -> int:
    return castmind.notifications.add(OWNER, "webhook", {"address": f"{host.root}/horse"}, {"name": "Home"}).channel.id


def test_without_a_channel_the_page_says_what_they_are_for(resting: CastMind) -> None:
    page = open_page("settings/page.py", group="notifications")
    assert EN["notify.none"] in shown(page) and EN["notify.body"] in shown(page)
    assert page.text_input(key="setting.public_url.").value == ""


def test_a_channel_is_tried_and_shows_how_that_went(resting: CastMind, host: NotificationHost) -> None:
    number = add(resting, host)
    page = open_page("settings/page.py", group="notifications")
    assert f"http://{host.place}/…" in shown(page) and "horse" not in shown(page)
    page.button(key=f"notify.test.{number}").click().run()
    assert [toast.value for toast in page.toast] == [EN["notify.test.done"].format(name="Home")]
    host.answers, host.said = [403], b"wrong key"
    page.button(key=f"notify.test.{number}").click().run()
    (said,) = [toast.value for toast in page.toast]
    assert EN["error.notify_refused"].partition(".")[0] in said and "wrong key" in said
    assert "wrong key" in shown(page)


def test_a_new_secret_is_shown_until_it_is_put_away(resting: CastMind, host: NotificationHost) -> None:
    number = add(resting, host)
    page = open_page("settings/page.py", group="notifications")
    page.button(key=f"notify.rotate.{number}").click().run()
    page.button(key=f"notify.rotate.{number}.yes").click().run()
    assert "whsec_" in shown(page)
    page.button(key="notify.secret.kept").click().run()
    assert "whsec_" not in shown(page)


def test_a_channel_is_removed_after_a_question(resting: CastMind, host: NotificationHost) -> None:
    number = add(resting, host)
    page = open_page("settings/page.py", group="notifications")
    page.button(key=f"notify.remove.{number}").click().run()
    assert len(resting.notifications.channels(OWNER)) == 1
    page.button(key=f"notify.remove.{number}.yes").click().run()
    assert resting.notifications.channels(OWNER) == [] and EN["notify.none"] in shown(page)

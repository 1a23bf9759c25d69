from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.notify.services import SERVICES
from pages.text import texts
from tests.pages.conftest import faults, open_page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_service_has_its_form_in_words(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    words = texts(language)
    wanted = {f"notify.service.{each.name}{end}" for each in SERVICES for end in ("", ".help")}
    wanted |= {f"notify.field.{field.name}" for each in SERVICES for field in each.fields}
    assert wanted <= words.keys()
    page = open_page("settings/page.py", group="notifications")
    assert page.text_input(key="notify.new.ntfy.server").value == "https://ntfy.sh"
    page.selectbox(key="notify.service").set_value("dingtalk").run()
    assert {field.label for field in page.text_input} >= {words["notify.field.key"], words["notify.name"]}
    assert not page.exception


def test_a_webhook_is_added_and_its_secret_shown_once(resting: CastMind) -> None:
    page = open_page("settings/page.py", group="notifications")
    page.selectbox(key="notify.service").set_value("webhook").run()
    page.text_input(key="notify.new.webhook.address").set_value("http://127.0.0.1:9/hook").run()
    page.button(key="notify.add.yes").click().run()
    (channel,) = resting.notifications.channels(OWNER)
    assert (channel.name, channel.language, channel.shown) == ("Webhook", "en", "http://127.0.0.1:9/…")
    assert [code.value[:6] for code in page.code] == ["whsec_"]
    assert page.text_input(key="notify.new.webhook.address").value == ""


def test_what_is_no_address_is_said_below_the_form(resting: CastMind) -> None:
    page = open_page("settings/page.py", group="notifications")
    page.selectbox(key="notify.service").set_value("other").run()
    page.text_input(key="notify.new.other.address").set_value("syslog://localhost").run()
    page.button(key="notify.add.yes").click().run()
    (said,) = faults(page)
    assert "syslog" in said and "another service" in said
    assert resting.notifications.channels(OWNER) == []
    assert page.text_input(key="notify.new.other.address").value == "syslog://localhost"

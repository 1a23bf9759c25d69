from __future__ import annotations

from datetime import time

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.notify.channel import GATHER
from core.domain.notify.kinds import KINDS
from pages.settings.notifications.choices import zone_here
from pages.text import texts
from tests.pages.conftest import faults, open_page


def test_each_choice_has_its_words() -> None:
    wanted = {f"notify.kind.{kind.name}" for kind in KINDS} | {f"notify.gather.{seconds}" for seconds in GATHER}
    assert wanted <= texts("en").keys()
    assert zone_here() == "UTC"


def test_quiet_hours_and_kinds_are_saved(resting: CastMind) -> None:
    number = resting.notifications.add(OWNER, "webhook", {"address": "http://127.0.0.1:9/"}, {}).channel.id
    page = open_page("settings/page.py", group="notifications")
    page.button(key=f"notify.change.{number}").click().run()
    key = f"notify.choices.{number}"
    page.toggle(key=f"{key}.quiet").set_value(True).run()
    page.time_input(key=f"{key}.from").set_value(time(22, 30)).run()
    page.multiselect(key=f"{key}.kinds").set_value(["disk.low"]).run()
    page.text_input(key=f"{key}.name").set_value(" ").run()
    page.button(key=f"{key}.save").click().run()
    assert faults(page)
    page.text_input(key=f"{key}.name").set_value("At home").run()
    page.button(key=f"{key}.save").click().run()
    (channel,) = resting.notifications.channels(OWNER)
    assert (channel.name, channel.kinds, channel.quiet_from, channel.quiet_to) == ("At home", ("disk.low",), 1350, 420)
    assert not page.exception

"""Moving a schedule and adding one: what an expression means, what is wrong with it, and what is saved."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.schedules.schedule import Missed, SchedulePriority
from core.services.schedules.zones import known_zones
from pages.schedules.schedule_form import EXAMPLES
from tests.pages.conftest import Open

PAGE = "schedules/page.py"


def test_one_is_added(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    page.text_input(key="schedule.new.cron").set_value("30 18 * * 5").run()
    assert any("every Friday at 18:30" in each.value.replace("\\", "") for each in page.caption)
    page.selectbox(key="schedule.new.zone").set_value("Europe/Berlin").run()
    page.text_input(key="schedule.new.name").set_value("Fridays").run()
    page.number_input(key="schedule.new.most").set_value(4).run()
    page.button(key="schedule.new.save").click().run()
    (added,) = [row.schedule for row in castmind.schedules.listing(OWNER) if not row.schedule.builtin]
    assert (added.name, added.cron, added.zone) == ("Fridays", "30 18 * * 5", "Europe/Berlin")
    assert added.parameters["most"] == 4 and added.kind == "transcribe"


@pytest.mark.parametrize("cron", ["", "every day", "61 * * * *", "0 0 30 2 *", "* * * *"])
def test_a_wrong_expression_is_said_and_adds_nothing(castmind: CastMind, opened: Open, cron: str) -> None:
    page = opened(PAGE)
    page.text_input(key="schedule.new.cron").set_value(cron).run()
    assert page.error and "Nothing was changed" in page.error[0].value
    page.button(key="schedule.new.save").click().run()
    assert all(row.schedule.builtin for row in castmind.schedules.listing(OWNER)) and not page.exception


def test_one_is_moved_with_its_rules(castmind: CastMind, opened: Open) -> None:
    number = castmind.schedules.create(OWNER, "backup", "0 2 * * *").schedule.id
    page = opened(PAGE)
    key = f"schedule.{number}"
    page.text_input(key=f"{key}.cron").set_value("0 */6 * * *").run()
    page.selectbox(key=f"{key}.missed").set_value(Missed.SKIP).run()
    page.selectbox(key=f"{key}.priority").set_value(SchedulePriority.HIGH).run()
    page.number_input(key=f"{key}.retries").set_value(3).run()
    page.number_input(key=f"{key}.wait").set_value(5).run()
    page.button(key=f"{key}.save").click().run()
    row = castmind.schedules.get(OWNER, number).schedule
    assert (row.cron, row.missed, row.priority, row.retries, row.retry_seconds) == ("0 */6 * * *", "skip", "high", 3, 300.0)


def test_the_nightly_backup_moves_its_setting(castmind: CastMind, opened: Open) -> None:
    row = next(row.schedule for row in castmind.schedules.listing(OWNER) if row.schedule.builtin == "nightly_backup")
    page = opened(PAGE)
    page.text_input(key=f"schedule.{row.id}.cron").set_value("0 5 * * *").run()
    page.button(key=f"schedule.{row.id}.save").click().run()
    assert castmind.settings.values.backup_hour == 5
    page.text_input(key=f"schedule.{row.id}.cron").set_value("*/5 * * * *").run()
    page.button(key=f"schedule.{row.id}.save").click().run()
    assert castmind.settings.values.backup_hour == 5 and not page.exception


def test_the_examples_are_good_and_zones_are_those_that_people_know(castmind: CastMind) -> None:
    for cron in EXAMPLES:
        assert len(castmind.schedules.preview(OWNER, cron).times) == 5
    assert known_zones()[:2] == ("", "UTC") and {"Europe/Berlin", "Asia/Shanghai"} <= set(known_zones())

"""The page of schedules: what is there, running it, pausing it, deleting it and back again."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.services.schedules.schedule_service import ScheduleRow
from tests.pages.conftest import Open

PAGE = "schedules/page.py"


def labels(page: AppTest) -> list[str]:
    """Return the first lines of the cards, without the escapes of Markdown."""
    return [each.label.replace("\\", "") for each in page.expander]


@pytest.fixture
def nightly(castmind: CastMind) -> ScheduleRow:
    parameters = {"feed_id": 0, "most": 3}
    return castmind.schedules.create(OWNER, "transcribe", "0 2 * * *", name="Night shift", parameters=parameters, zone="UTC")


def test_what_is_built_in_is_listed_and_own_ones_are_offered(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    assert any("**Nightly backup** · every day at 03:00 · next" in label for label in labels(page))
    assert any("**Checking podcasts** · follows its own rhythm" in label for label in labels(page))
    assert [each.value for each in page.header] == ["Yours", "Built in"]
    assert any("None yet" in each.value for each in page.caption)
    assert not [each for each in page.button if each.key == "schedule.remove.1"]


def test_it_is_run_paused_and_resumed(castmind: CastMind, opened: Open, nightly: ScheduleRow) -> None:
    number = nightly.schedule.id
    page = opened(PAGE)
    assert any("**Night shift** · every day at 02:00" in each for each in labels(page))
    page.button(key=f"schedule.run.{number}").click().run()
    (run,) = castmind.schedules.runs(OWNER, number)
    page = opened(PAGE)
    assert run.cause.value == "hand" and any("started by hand" in each.value for each in page.markdown)
    page.button(key=f"schedule.pause.{number}").click().run()
    assert castmind.schedules.get(OWNER, number).schedule.paused
    page = opened(PAGE)
    assert any("**Night shift**" in each and "paused" in each for each in labels(page))
    page.button(key=f"schedule.pause.{number}").click().run()
    assert not castmind.schedules.get(OWNER, number).schedule.paused


def test_what_was_deleted_comes_back(castmind: CastMind, opened: Open, nightly: ScheduleRow) -> None:
    number = nightly.schedule.id
    page = opened(PAGE)
    page.button(key=f"schedule.remove.{number}").click().run()
    assert number not in [row.schedule.id for row in castmind.schedules.listing(OWNER)]
    page.button(key="schedule.undo").click().run()
    assert number in [row.schedule.id for row in castmind.schedules.listing(OWNER)]
    assert not page.exception


def test_it_speaks_chinese(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    page = opened(PAGE)
    assert page.title[0].value == "计划任务"
    assert any("**每晚备份** · 每天 03:00" in each for each in labels(page))

"""The history of a schedule on its page: outcomes, errors and log lines of its runs."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open
from tests.running import wait_for


def test_a_failure_is_told_with_its_reason(castmind: CastMind, opened: Open) -> None:
    number = castmind.schedules.create(OWNER, "transcribe", "0 2 * * *", parameters={"feed_id": 99}).schedule.id
    castmind.schedules.run(OWNER, number)
    wait_for(lambda: castmind.schedules.runs(OWNER, number)[0].ended_at is not None)
    (run,) = castmind.schedules.runs(OWNER, number)
    page = opened("schedules/page.py")
    assert run.outcome.value == "failed" and run.error
    assert any("failed" in each.value and "started by hand" in each.value for each in page.markdown)


def test_one_that_never_ran_says_so(castmind: CastMind, opened: Open) -> None:
    page = opened("schedules/page.py")
    assert any("hasn’t run yet" in each.value for each in page.caption) and not page.exception

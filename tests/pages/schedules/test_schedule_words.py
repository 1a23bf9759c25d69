"""Schedules and runs in words."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.schedules.schedule import RunCause, RunOutcome, Schedule, ScheduleRun
from core.services.schedules.builtin import BUILTIN
from pages.schedules import schedule_words
from pages.text import texts

AT = 1_764_547_200.0


def run(**values: object) -> ScheduleRun:
    given = {"cause": RunCause.TIME, "outcome": RunOutcome.DONE, "ended_at": AT + 65.0} | values
    return ScheduleRun(1, 1, due_at=AT, started_at=AT, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_has_its_words(castmind: CastMind, language: str) -> None:
    known = texts(language)
    names = [f"builtin.{name}" for name in BUILTIN] + [f"kind.{name}" for name in castmind.schedules.own_kinds(OWNER)]
    wanted = [*names, *(f"{name}.body" for name in names), *(f"outcome.{each.value}" for each in RunOutcome)]
    wanted += [f"cause.{each.value}" for each in RunCause if each is not RunCause.TIME]
    assert [name for name in wanted if f"schedules.{name}" not in known] == []


def test_a_run_says_what_it_did(castmind: CastMind) -> None:
    said = schedule_words.outcome(run(did={"episodes": 3, "file": "", "strange": "<b>"}))
    assert "done · 1 min" in said and "3 episodes" in said and "started by hand" not in said and "\\<b" in said
    assert "made up for a missed time" in schedule_words.outcome(run(cause=RunCause.MADE_UP))
    skipped = schedule_words.outcome(run(outcome=RunOutcome.SKIPPED))
    assert "skipped" in skipped and "1 min" not in skipped
    assert "running" in schedule_words.outcome(run(outcome=RunOutcome.RUNNING, ended_at=None))


def test_a_time_of_another_zone_is_told_in_both(castmind: CastMind) -> None:
    assert "(08:00 in Asia/Shanghai)" in schedule_words.moment(AT, "Asia/Shanghai").replace("\\", "")
    assert " in " not in schedule_words.moment(AT, "UTC")


def test_a_podcast_that_is_gone_is_named_so(castmind: CastMind) -> None:
    row = Schedule(1, "transcribe", parameters={"feed_id": 77})
    assert "no longer here" in schedule_words.about(row)

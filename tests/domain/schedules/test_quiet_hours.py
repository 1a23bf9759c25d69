"""When heavy work rests, why and until when; and what "resume now" passes over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.schedules.quiet_hours import CardWatch, Quiet, QuietRules, QuietWindow, forget_past, quiet, resumed, rules
from core.errors import UserError

BERLIN = ZoneInfo("Europe/Berlin")
# 2027-01-04 is a Monday.
EVENINGS = QuietWindow((0, 1, 2, 3, 4), 18 * 60, 23 * 60)
NIGHT = QuietWindow((4,), 22 * 60, 6 * 60)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


def found(kept: QuietRules, when: str, running: Collection[str] = (), *, idle: bool = False) -> tuple[str, str] | None:
    """Return the key of the reason, and the end as a local time."""
    now = quiet(kept, now=at(when), zone=BERLIN, running=running, idle=idle)
    if now is None:
        return None
    return now.why.key, datetime.fromtimestamp(now.until, BERLIN).strftime("%a %H:%M") if now.until else ""


def later(kept: QuietRules, when: str, running: Collection[str] = (), *, idle: bool = False) -> QuietRules:
    return forget_past(kept, now=at(when), zone=BERLIN, running=running, idle=idle)


def test_without_rules_work_goes_on() -> None:
    assert found(QuietRules(), "2027-01-04T19:00") is None


def test_until_a_time() -> None:
    kept = QuietRules(until=at("2027-01-04T20:00"))
    assert found(kept, "2027-01-04T19:59") == ("rest.until", "Mon 20:00")
    assert found(kept, "2027-01-04T20:00") is None
    assert later(kept, "2027-01-04T19:59") == kept and later(kept, "2027-01-04T20:00") == QuietRules()


def test_a_window_holds_from_its_beginning_to_its_end_on_its_days() -> None:
    kept = QuietRules(windows=(EVENINGS,))
    assert found(kept, "2027-01-04T17:59") is None
    assert found(kept, "2027-01-04T18:00") == ("rest.in_window", "Mon 23:00")
    assert found(kept, "2027-01-04T23:00") is None
    assert found(kept, "2027-01-09T19:00") is None


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    kept = QuietRules(windows=(NIGHT,))
    assert found(kept, "2027-01-08T21:59") is None
    assert found(kept, "2027-01-08T22:00") == ("rest.in_window", "Sat 06:00")
    assert found(kept, "2027-01-09T05:59") == ("rest.in_window", "Sat 06:00")
    assert found(kept, "2027-01-09T06:00") is None and found(kept, "2027-01-08T03:00") is None


def test_windows_that_follow_each_other_end_with_the_last() -> None:
    kept = QuietRules(windows=(EVENINGS, QuietWindow((4,), 23 * 60, 60)))
    assert found(kept, "2027-01-08T19:00") == ("rest.in_window", "Sat 01:00")
    assert found(kept, "2027-01-07T19:00") == ("rest.in_window", "Thu 23:00")


def test_windows_without_a_gap_end_somewhere() -> None:
    whole = (QuietWindow(tuple(range(7)), 0, 12 * 60), QuietWindow(tuple(range(7)), 12 * 60, 0))
    assert found(QuietRules(windows=whole), "2027-01-08T19:00") is not None


def test_a_window_in_the_night_of_the_change_ends_by_the_wall_clock() -> None:
    kept = QuietRules(windows=(QuietWindow((5,), 23 * 60, 6 * 60),))
    now = quiet(kept, now=at("2027-03-27T23:30"), zone=BERLIN, running=(), idle=False)
    assert now and now.until == at("2027-03-28T06:00") and now.until - at("2027-03-27T23:00") == 6 * 3600


def test_the_later_end_is_told_where_a_time_and_a_window_hold() -> None:
    both = QuietRules(until=at("2027-01-04T20:00"), windows=(EVENINGS,))
    assert found(both, "2027-01-04T19:00") == ("rest.in_window", "Mon 23:00")
    assert found(replace(both, until=at("2027-01-05T01:00")), "2027-01-04T19:00") == ("rest.until", "Tue 01:00")


def test_a_program_is_found_whatever_its_capitals_and_ending() -> None:
    kept = QuietRules(processes=("Factorio", "Cyberpunk2077.exe"), at_once=True)
    assert found(kept, "2027-01-04T12:00", {"factorio"}) == ("rest.process", "")
    assert found(kept, "2027-01-04T12:00", {"cyberpunk2077.exe"}) == ("rest.process", "")
    assert found(kept, "2027-01-04T12:00", {"factorio.exe"}) == ("rest.process", "")
    assert found(kept, "2027-01-04T12:00", {"factorio2", "cyberpunk2077"}) is None
    now = quiet(kept, now=0.0, zone=BERLIN, running={"factorio"}, idle=True)
    assert isinstance(now, Quiet) and now.at_once and now.why.params == {"name": "Factorio"}


def test_until_the_card_is_idle_once() -> None:
    kept = QuietRules(until_idle=True)
    assert found(kept, "2027-01-04T12:00") == ("rest.card", "")
    assert found(kept, "2027-01-04T12:00", idle=True) is None
    assert later(kept, "2027-01-04T12:00") == kept and later(kept, "2027-01-04T12:00", idle=True) == QuietRules()


def resume(kept: QuietRules, when: str, running: Collection[str] = ()) -> QuietRules:
    return resumed(kept, now=at(when), zone=BERLIN, running=running)


def test_resume_now_passes_over_a_window_until_it_is_over() -> None:
    kept = resume(QuietRules(windows=(EVENINGS,), until=at("2027-01-05T01:00"), until_idle=True), "2027-01-04T19:00")
    assert kept == QuietRules(windows=(EVENINGS,), passed_windows=True)
    assert found(kept, "2027-01-04T19:00") is None
    assert later(kept, "2027-01-04T22:59") == kept
    after = later(kept, "2027-01-04T23:00")
    assert not after.passed_windows and found(after, "2027-01-05T19:00") == ("rest.in_window", "Tue 23:00")


def test_resume_now_passes_over_a_program_until_it_has_ended_and_over_no_other() -> None:
    kept = resume(QuietRules(processes=("game", "other")), "2027-01-04T19:00", {"game"})
    assert kept.passed_processes == ("game",)
    assert found(kept, "2027-01-04T19:00", {"game"}) is None and later(kept, "2027-01-04T19:00", {"game"}) == kept
    assert found(kept, "2027-01-04T19:30", {"game", "other.exe"}) == ("rest.process", "")
    assert found(later(kept, "2027-01-04T20:00"), "2027-01-04T21:00", {"game"}) == ("rest.process", "")


def test_resume_now_of_what_was_meant_for_once_leaves_nothing() -> None:
    assert resume(QuietRules(until=1e12, at_once=True), "2027-01-04T19:00") == QuietRules(at_once=True)


def test_the_card_is_idle_when_it_was_low_at_each_look_for_a_minute() -> None:
    card = CardWatch()
    assert [card.look(1000.0 + 5 * n, 2) for n in range(13)] == [False] * 12 + [True]
    assert not card.look(1065.0, 6) and not card.look(1070.0, 0)
    assert not card.look(1070.0 + 3600.0, 0), "it may have been in use meanwhile"
    assert not card.look(1070.0, 0), "the clock was set back"
    assert not any(card.look(1070.0 + 5 * n, None if n % 2 else 0) for n in range(1, 12))
    assert card.look(1070.0 + 60, 0), "a look without an answer says nothing"


def test_rules_survive_json() -> None:
    kept = QuietRules(5.0, True, (EVENINGS, NIGHT), "Europe/Berlin", ("game",), True, True, ("game",))
    assert rules(kept.to_json()) == kept and rules({}) == QuietRules()


def test_names_are_cleaned() -> None:
    assert rules({"processes": [" game ", "game", "", "  "]}).processes == ("game",)


@pytest.mark.parametrize(
    ("said", "case"),
    [
        ({"windows": [{"days": [], "start": 0, "end": 60}]}, "quiet_window"),
        ({"windows": [{"days": [7], "start": 0, "end": 60}]}, "quiet_window"),
        ({"windows": [{"days": [0], "start": 60, "end": 60}]}, "quiet_window"),
        ({"windows": [{"days": [0], "start": -1, "end": 60}]}, "quiet_window"),
        ({"windows": [{"days": [0], "start": 0, "end": 1440}]}, "quiet_window"),
        ({"windows": [{"days": [0], "start": 0, "end": 60}] * 21}, "quiet_many"),
        ({"processes": [f"p{n}" for n in range(21)]}, "quiet_many"),
        ({"processes": ["p" * 101]}, "quiet_many"),
    ],
)
def test_rules_that_mean_nothing_are_refused(said: dict[str, Any], case: str) -> None:
    with pytest.raises(UserError) as raised:
        rules(said)
    assert raised.value.params["case"] == case

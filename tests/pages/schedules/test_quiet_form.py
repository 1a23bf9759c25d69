"""Quiet hours on the page of schedules."""

from __future__ import annotations

from datetime import time as clock_time

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.schedules.quiet_hours import QuietWindow
from pages.schedules import quiet_form
from tests.pages.conftest import Open

PAGE = "schedules/page.py"


def texts(page: AppTest) -> str:
    return " ".join(each.value for each in (*page.markdown, *page.caption))


def test_rest_and_go_on(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    assert "Want the computer to yourself?" in texts(page)
    page.button(key="quiet.rest.3").click().run()
    now = castmind.quiet_hours.now(OWNER)
    assert now and now.until
    page = opened(PAGE)
    assert "Transcribing and notes rest until" in texts(page) and "somebody paused them" in texts(page)
    page.button(key="resume.schedules").click().run()
    assert castmind.quiet_hours.now(OWNER) is None and not page.exception


def test_a_window_is_added_and_removed(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    page.time_input(key="quiet.from").set_value(clock_time(22, 30))
    page.time_input(key="quiet.to").set_value(clock_time(6, 0)).run()
    page.button(key="quiet.add").click().run()
    assert castmind.quiet_hours.rules(OWNER).windows == (QuietWindow(quiet_form.WORKDAYS, 22 * 60 + 30, 6 * 60),)
    page = opened(PAGE)
    assert "Monday, Tuesday, Wednesday, Thursday, Friday from 22:30 to 06:00" in texts(page)
    page.button(key="quiet.remove.0").click().run()
    assert castmind.quiet_hours.rules(OWNER).windows == ()


def test_a_window_without_an_end_is_refused_in_words(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    page.time_input(key="quiet.to").set_value(quiet_form.EVENING).run()
    page.button(key="quiet.add").click().run()
    assert castmind.quiet_hours.rules(OWNER).windows == ()
    assert any("a beginning and an end that differ" in each.value for each in page.toast)


def test_programs_are_named_with_commas_of_both_kinds(castmind: CastMind, opened: Open) -> None:
    page = opened(PAGE)
    page.text_input(key="quiet.programs").set_value("Game.exe， steam , ").run()
    page.button(key="quiet.programs.save").click().run()
    assert castmind.quiet_hours.rules(OWNER).processes == ("Game.exe", "steam")
    page.toggle(key="quiet.at_once").set_value(True).run()
    assert castmind.quiet_hours.rules(OWNER).at_once and not page.exception


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (QuietWindow((0, 6), 0, 90), "Monday, Sunday from 00:00 to 01:30"),
        (QuietWindow(tuple(range(7)), 1320, 360), "Every day from 22:00 to 06:00"),
    ],
)
def test_windows_in_words(window: QuietWindow, words: str) -> None:
    assert quiet_form.said(window) == words

"""The sleep timer: chosen in any bar, counted in all of them, and at its end the sound is quiet and keeps its place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.frame.test_now_playing import playing
from tests.browser.room import Room
from tests.running import wait_for

pytestmark = pytest.mark.browser

SLEEP = "castmindSound.sleep"


def choose(room: Room, bar: str, entry: str) -> None:
    room[bar].click()
    room[f"{bar}-{entry}"].click()


def test_one_timer_is_counted_in_every_bar_and_every_window(room: Room) -> None:
    playing(room, 100)
    choose(room, "now-sleep", "15")
    expect(room["now-sleep-left"]).to_have_text(re.compile(r"^1[45]:\d\d$"))
    choose(room, "now-sleep", "more")
    expect(room["now-sleep-left"]).to_have_text(re.compile(r"^(19|20):\d\d$"))
    room["now-title"].click()
    expect(room["sleep-left"]).to_have_text(re.compile(r"^(19|20):\d\d$"))
    second = Room(room.app, room.page.context.new_page()).open()
    expect(second["sleep-left"]).to_have_text(re.compile(r"^(19|20):\d\d$"))
    expect(second["sleep"]).to_have_accessible_name(re.compile(r"^Sleep timer: (19|20):\d\d left$"))
    choose(second, "sleep", "off")
    expect(second["sleep-left"]).to_be_empty()
    expect(room["sleep-left"]).to_be_empty()
    expect(room["sleep"]).to_have_accessible_name("Sleep timer")
    second.page.close()


def test_the_end_of_a_chapter_ends_the_sound(room: Room) -> None:
    room.open("&t=294")
    expect(room["ticks"].locator("button")).to_have_count(2)
    room["play"].click()
    room.plays()
    choose(room, "sleep", "chapter")
    expect(room["sleep-left"]).to_have_text(re.compile(r"^0:0\d$"))
    wait_for(lambda: room.page.evaluate("castmindSound.audio.volume < 0.6"))
    assert not room.paused
    wait_for(lambda: room.paused)
    assert room.position == pytest.approx(300, abs=0.5)
    expect(room["sleep-left"]).to_be_empty()
    assert room["audio"].evaluate("audio => audio.volume") == 1
    wait_for(lambda: room.app.episode(1)["position"] == pytest.approx(300, abs=0.5))


def test_a_seek_moves_the_end_and_a_time_ends_the_sound_on_any_page(room: Room) -> None:
    page = playing(room, 100).page
    choose(room, "now-sleep", "chapter")
    assert page.evaluate(f"{SLEEP}.goal") == 300
    page.evaluate("castmindSound.seek(310)")
    expect(room["now-sleep-left"]).to_have_text(re.compile(r"^6:[45]\d$"))
    assert page.evaluate(f"{SLEEP}.goal") is None
    page.evaluate(f"{SLEEP}.keep({{ until: Date.now() + 2000 }})")
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("heading", level=1, name="Queue").wait_for()
    wait_for(lambda: room.paused)
    expect(room["now-sleep-left"]).to_be_empty()
    assert room["audio"].evaluate("audio => audio.volume") == 1
    assert page.evaluate("localStorage.getItem('castmind.sleep')") is None
    room["now-play"].click()
    room.plays()

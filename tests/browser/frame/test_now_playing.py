"""The bar of the playing episode: on every page but its own, alone at the foot, with the whole sound in reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser import room as rooms
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit
from tests.browser.room import Room
from tests.browser.test_pages import settled
from tests.fixtures import long_episode
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

FOOT = "parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--castmind-foot')) || 0"


def place(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box
    return box


def playing(room: Room, at: float = 310) -> Room:
    """The library's page, with episode 1 playing."""
    room.page.goto(room.app.url)
    settled(room.page)
    room["episode-row-1"].get_by_test_id("episode-play").click()
    room.plays()
    room.page.evaluate(f"castmindSound.seek({at})")
    return room


def test_the_bar_spans_the_foot_and_holds_the_whole_sound(room: Room, shot: Shot) -> None:
    page = playing(room).page
    expect(room["now-facts"]).to_have_text("The harbour at night")
    session = "navigator.mediaSession.metadata"
    assert page.evaluate(f"[{session}.title, {session}.album]") == ["Five hours about harbours", "The harbour at night"]
    bar, rail = place(room["now-playing"]), place(room["rail"])
    assert (bar["x"], bar["x"] + bar["width"]) == (rail["x"] + rail["width"], 1280)
    assert bar["y"] + bar["height"] == 900
    assert page.evaluate(FOOT) == pytest.approx(bar["height"], abs=1)
    room["now-play"].click()
    wait_for(lambda: room.paused)
    seek = room["now-seek"]
    seek.focus()
    for key, seconds in (("Home", 0), ("ArrowRight", 5), ("PageUp", 65), ("ArrowDown", 60)):
        page.keyboard.press(key)
        room.near(seconds)
    expect(seek).to_have_attribute("aria-valuetext", "1:00 of 12:00")
    expect(room["now-seek-passed"]).to_have_text("1:00")
    expect(room["now-seek-remaining"]).to_have_text("−11:00")
    room["now-back"].click()
    room.near(45)
    room["now-ahead"].click()
    room.near(75)
    expect(room["now-facts"]).to_have_text("Welcome")
    room["now-speed"].select_option("1.5")
    assert room["audio"].evaluate("audio => audio.playbackRate") == 1.5
    room["now-speed"].select_option("1")
    assert complaints(page) == []
    shot(page, "now-playing-wide")
    assert room["now-title"].get_attribute("href") == "/episode?id=1&t=75"
    room["now-close"].click()
    expect(room["now-playing"]).to_be_hidden()
    assert page.evaluate(FOOT) == 0
    wait_for(lambda: room.app.episode(1)["position"] == pytest.approx(75, abs=0.3))
    # Played again from its row, it goes on where it was left.
    room["episode-row-1"].get_by_test_id("episode-play").click()
    room.plays()
    assert 74 < room.position < 80


def test_a_phone_has_a_small_bar_that_unfolds(room: Room, shot: Shot) -> None:
    room.page.set_viewport_size(PHONE)
    page = playing(room).page
    bar, places = place(room["now-playing"]), place(room["tab-bar"])
    assert bar["y"] + bar["height"] == pytest.approx(places["y"], abs=1)
    assert bar["height"] < 70
    for name in ("now-seek", "now-speed", "now-sleep", "now-back", "now-title"):
        expect(room[name]).to_be_hidden()
    room["now-open"].click()
    sheet = room["now-sheet"]
    expect(sheet).to_be_visible()
    expect(room["now-sheet-chapter"]).to_have_text("The harbour at night")
    assert complaints(page) == []
    shot(page, "now-playing-sheet")
    room["now-previous"].click()
    room.near(300, within=3)
    room["now-sheet-seek"].fill("100")
    room.near(100, within=3)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(room["now-open"]).to_be_focused()
    room["now-open"].click()
    room["now-sheet-title"].click()
    expect(sheet).to_be_hidden()
    expect(room["now-playing"]).to_be_hidden()
    room.plays()
    assert room.position > 100


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A CastMind with two episodes: 1 is short, 2 is that of `room.fill`."""
    data = tmp_path_factory.mktemp("two") / "data"
    long_episode.fill(data, 60, 180)
    rooms.fill(data)
    with RunningApp(data) as running:
        yield running


def test_the_page_of_another_episode_has_one_bar_at_the_foot(two: RunningApp, visit: Visit) -> None:
    room = Room(two, visit(two, None))
    page = room.page
    page.set_viewport_size(PHONE)
    playing(room, 20)
    room["episode-row-2"].get_by_test_id("episode-link").click()
    room.sentence(0).wait_for(state="attached")
    expect(room["now-playing"]).to_be_visible()
    own, now = room["player-bar"], room["now-playing"]
    expect(own).to_have_css("position", "relative")
    assert page.evaluate(FOOT) == pytest.approx(place(now)["height"], abs=1)
    room["play"].click()
    expect(now).to_be_hidden()
    expect(own).to_have_css("position", "fixed")
    wait_for(lambda: page.evaluate(FOOT) == pytest.approx(place(own)["height"], abs=1))
    wait_for(lambda: page.evaluate("castmindSound.track.id") == 2)

"""Hearing an episode: the sound moves, plays on through pages, and is found again where it was left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Shot, Visit, choose
from tests.browser.room import Room
from tests.running import wait_for

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_it_plays_on_while_pages_change_and_the_way_back_is_at_hand(room: Room, shot: Shot) -> None:
    room.open()
    expect(room["now-playing"]).to_be_hidden()
    room.sentence(3).click()
    room.plays()
    room.page.get_by_role("link", name="Queue").click()
    room.page.get_by_role("heading", level=1, name="Queue").wait_for()
    expect(room["now-title"]).to_have_text("Five hours about harbours")
    room.plays()
    shot(room.page, "now-playing")
    room["now-play"].click()
    wait_for(lambda: room.paused)
    room["now-play"].click()
    room.plays()
    room["now-title"].click()
    room.sentence(3).wait_for()
    expect(room["now-playing"]).to_be_hidden()
    room.plays()
    expect(room["play"]).to_have_attribute("aria-label", "Pause")


@pytest.mark.long
def test_another_language_draws_the_page_anew_and_the_sound_goes_on(room: Room) -> None:
    room.open("&t=100")
    room["play"].click()
    room.plays()
    room["place-settings"].click()
    room.page.get_by_text("Appearance", exact=True).click()
    choose(room.page.get_by_role("combobox", name="Language", exact=True), "中文")
    expect(room["place-library"]).to_have_text("资料库")
    room["now-title"].click()
    expect(room["tab-notes"]).to_have_text("笔记")
    room.plays()
    assert room.position >= 100


@pytest.mark.long
def test_the_place_is_kept_by_the_library_for_every_browser(room: Room, visit: Visit) -> None:
    room.open("&t=200")
    room["play"].click()
    room.plays()
    room["play"].click()
    wait_for(lambda: room.app.episode(1)["position"] >= 200)
    other = Room(room.app, visit(room.app, None)).open()
    other.near(room.app.episode(1)["position"])
    assert other.paused
    other.open("&t=42")
    other.near(42)


def test_the_place_is_kept_when_the_page_is_left_in_the_middle(room: Room) -> None:
    room.open("&t=300")
    room["play"].click()
    room.plays()
    room.page.goto("about:blank")
    wait_for(lambda: 300 < room.app.episode(1)["position"] < 330)


@pytest.mark.long
def test_speed_and_volume_are_remembered(room: Room) -> None:
    room.open()
    room["speed"].select_option("3")
    room["volume"].fill("0.4")
    room.open()
    heard = room["audio"].evaluate("audio => [audio.playbackRate, audio.volume, audio.preservesPitch]")
    assert heard == [3, 0.4, True]
    expect(room["speed"]).to_have_value("3")
    expect(room["volume"]).to_have_value("0.4")
    assert room["speed"].locator("option").first.get_attribute("value") == "0.5"
    room["mute"].click()
    assert room["audio"].evaluate("audio => audio.muted")


@pytest.mark.long
def test_silence_is_skipped_when_asked(room: Room) -> None:
    gap_begins, next_begins = 12.75, 15.0  # sentence 4 ends early, see tests/fixtures/long_episode.py
    room.open(f"&t={gap_begins - 0.8}")
    room["skip-silence"].click()
    expect(room["skip-silence"]).to_have_attribute("aria-pressed", "true")
    room["speed"].select_option("0.5")
    room["play"].click()
    wait_for(lambda: room.position >= next_begins - 0.4)
    room["skip-silence"].click()


@pytest.mark.long
def test_chapters_stand_on_the_timeline_and_are_named(room: Room) -> None:
    room.open("&t=310")
    expect(room["now-chapter"]).to_have_text("The harbour at night")
    expect(room["ticks"].locator("button")).to_have_count(2)
    room["tick-1"].focus()
    expect(room["tick-1"].locator(".tip")).to_be_visible()
    expect(room["tick-1"].locator(".tip")).to_have_text("5:00 The harbour at night")
    room.page.keyboard.press("ArrowLeft")
    room.page.keyboard.press("Enter")
    room.near(0, within=3)
    room.tab("notes")
    room["chapter-source"].select_option("notes")
    expect(room["ticks"].locator("button")).to_have_count(25)
    expect(room["chapter-3"]).to_contain_text("Chapter 4")


@pytest.mark.long
def test_the_keyboard_moves_the_sound_but_never_while_one_types(room: Room) -> None:
    room.open("&t=60")
    press = room.page.keyboard.press
    press("k")
    room.plays()
    press(" ")
    wait_for(lambda: room.paused)
    here = room.position
    press("l")
    room.near(here + 30)
    press("j")
    press("ArrowLeft")
    room.near(here)
    press("]")
    expect(room["speed"]).to_have_value("1.25")
    press("?")
    expect(room["key-list"]).to_be_visible()
    press("Escape")
    expect(room["key-list"]).to_be_hidden()
    room.tab("own")
    room["own-notes"].fill("")
    room["own-notes"].press_sequentially("jkl /?")
    expect(room["own-notes"]).to_have_value("jkl /?")
    room.near(here)
    assert room.paused
    expect(room["find-bar"]).to_be_hidden()
    room["own-notes"].fill("")
    expect(room["own-state"]).to_have_text("Saved")


KEYS = """() => {
  const { setActionHandler, setPositionState } = MediaSession.prototype;
  window.keys = {};
  MediaSession.prototype.setActionHandler = function (name, act) {
    window.keys[name] = act;
    setActionHandler.call(this, name, act);
  };
  MediaSession.prototype.setPositionState = function (place) {
    window.told = place;
    setPositionState.call(this, place);
  };
}"""


@pytest.mark.long
def test_the_lock_screen_knows_what_plays_and_its_keys_act(room: Room) -> None:
    page = room.page
    page.add_init_script(f"({KEYS})()")
    room.open("&t=200")
    expect(room["ticks"].locator("button")).to_have_count(2)
    room["play"].click()
    room.plays()
    session = "navigator.mediaSession"
    told = page.evaluate(f"[{session}.metadata.title, {session}.metadata.album, {session}.playbackState]")
    assert told == ["Five hours about harbours", "Welcome", "playing"]
    cover = page.evaluate(f"{session}.metadata.artwork[0].src")
    assert room.app.client.get(cover).headers["content-type"].startswith("image/")

    def press(name: str, more: str = "{}") -> None:
        page.evaluate(f"keys['{name}']({more})")

    press("pause")
    wait_for(lambda: room.paused)
    for name, more, place in (
        ("nexttrack", "{}", 300),
        ("nexttrack", "{}", 330),  # the last chapter: ahead, not to its end
        ("previoustrack", "{}", 300),
        ("previoustrack", "{}", 0),
        ("seekto", "{seekTime: 400}", 400),
        ("seekbackward", "{seekOffset: 20}", 380),
        ("seekforward", "{}", 410),
    ):
        press(name, more)
        room.near(place)
        wait_for(lambda place=place: abs(page.evaluate("told.position") - place) < 0.3)
    assert page.evaluate("told.duration") == pytest.approx(720, abs=1)
    wait_for(lambda: page.evaluate(f"{session}.metadata.album") == "The harbour at night")
    press("play")
    room.plays()


@pytest.mark.parametrize("without", ["", pytest.param("BroadcastChannel", marks=pytest.mark.long)])
def test_of_all_windows_one_plays(room: Room, without: str) -> None:
    context = room.page.context
    if without:
        context.add_init_script(f"delete window.{without}")
    room.open("&t=100")
    room["play"].click()
    room.plays()
    second = Room(room.app, context.new_page()).open("&t=200")
    second["play"].click()
    second.plays()
    wait_for(lambda: room.paused)
    expect(room["play"]).to_have_attribute("aria-label", "Play")
    room["play"].click()
    room.plays()
    wait_for(lambda: second.paused)
    for made in ("document.createElement('audio')", "document.body.appendChild(document.createElement('audio'))"):
        second.page.evaluate(f"window.clip = {made}, clip.src = '{room.base}/audio', clip.play()")
        wait_for(lambda: room.paused)
        assert not second.page.evaluate("clip.paused")
        second["play"].click()
        second.plays()
        wait_for(lambda: second.page.evaluate("clip.paused"))
        room["play"].click()
        room.plays()
        wait_for(lambda: second.paused)


@pytest.mark.long
def test_a_phone_has_the_bar_under_the_thumb(room: Room, shot: Shot) -> None:
    room.page.set_viewport_size(PHONE)
    room.open()
    bar, places = room["player-bar"].bounding_box(), room["tab-bar"].bounding_box()
    assert bar
    assert places
    assert abs(bar["y"] + bar["height"] - places["y"]) < 2
    room.tab("transcript")
    room.sentence(2).click()
    room.plays()
    shot(room.page, "episode-room-phone")
    for name in ("play", "back-15", "ahead-30", "skip-silence", "speed"):
        box = room[name].bounding_box()
        assert box
        assert box["height"] >= 44, name
        assert box["width"] >= 44, name
    room.page.set_viewport_size({"width": 360, "height": 740})
    for part in ("transcript", "notes", "highlights", "own", "about"):
        room.tab(part)
        assert room.page.evaluate("document.documentElement.scrollWidth") <= 360, part
    room.page.get_by_test_id("stMain").evaluate("main => { main.scrollTop = 0 }")
    room.page.goto(f"{room.app.url}/queue")
    expect(room["now-playing"]).to_be_hidden()

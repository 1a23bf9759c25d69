"""The waveform of an episode's player: it comes without a jump, says what is under the pointer, and bears the reader's marks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import complaints
from tests.browser.room import Room

pytestmark = pytest.mark.browser


def test_it_comes_without_a_jump_and_shows_what_was_heard(room: Room) -> None:
    asked: list[str] = []

    def later(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"ready": False, "levels": []}) if len(asked) == 1 else route.continue_()

    room.page.route("**/waveform", later)
    room.open("&t=360")
    bar, waveform = room["player-bar"], room["waveform"]
    expect(room["ticks"].locator("button")).to_have_count(2)
    expect(waveform).to_be_hidden()
    before = bar.bounding_box()
    expect(waveform).to_be_visible()
    assert len(asked) > 1
    assert bar.bounding_box() == before
    strokes = waveform.locator("path").first.get_attribute("d") or ""
    assert strokes.count("M") > 100
    assert waveform.locator(".heard").evaluate("svg => svg.style.clipPath").startswith("inset(0px 50")
    seek = room["seek"]
    seek.focus()
    room.page.keyboard.press("ArrowRight")
    room.near(365)
    expect(seek).to_have_attribute("aria-valuetext", "6:05 of 12:00")


def test_the_pointer_reads_time_chapter_and_sentence(room: Room) -> None:
    room.open()
    expect(room["ticks"].locator("button")).to_have_count(2)
    box = room["seek"].bounding_box()
    assert box
    room.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = room["seek-tip"]
    expect(tip.locator(".when")).to_have_text(re.compile(r"^(5:59|6:00) · The harbour at night$"))
    said = tip.locator(".saying").inner_text()
    assert said in {room.text_of(119), room.text_of(120)}
    room.page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_highlights_stand_on_it_in_their_colour_and_are_named(room: Room) -> None:
    span = {"start_segment": 40, "start_offset": 0, "end_segment": 40, "end_offset": 9, "colour": "pink"}
    made = room.app.client.post(f"{room.base}/highlights", json=span).json()
    try:
        room.open()
        mark = room["highlight-mark-0"]
        expect(mark).to_have_accessible_name(re.compile(r"^Highlight in pink: 2:00 \w+"))
        expect(room["highlight-marks"]).to_have_accessible_name("Highlights")
        expect(mark).to_have_class(re.compile(r"\bpink\b"))
        expect(room["waveform"]).to_be_visible()
        assert complaints(room.page) == []
        mark.focus()
        room.page.keyboard.press("Enter")
        room.near(made["start"])
    finally:
        room.app.client.delete(f"/api/v1/highlights/{made['id']}")

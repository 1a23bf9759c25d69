"""The palette: search as you type, pages, actions, playing in place, from every page and by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.room import Room
from tests.browser.test_pages import settled
from tests.running import wait_for

pytestmark = pytest.mark.browser


def opened(room: Room, at: str = "/status") -> None:
    room.page.goto(room.app.url + at)
    room["open-palette"].wait_for()
    settled(room.page)
    room.page.keyboard.press("Control+k")
    expect(room["palette-field"]).to_be_focused()


def test_words_lead_to_the_place_where_they_were_said(room: Room) -> None:
    opened(room)
    expect(room["palette-place"]).to_have_count(6)
    room.page.keyboard.type("lanter")
    expect(room["palette-episode"]).to_have_count(1)
    hit = room["palette-hit"].filter(has_text=re.compile(r"^\d+:\d\d")).first
    expect(hit.locator("mark").first).to_have_text(re.compile("lanter", re.IGNORECASE))
    assert not complaints(room.page)
    # Play in place: the page stays.
    room["palette-play"].first.click()
    wait_for(lambda: not room.paused)
    expect(room["palette-said"]).not_to_be_empty()
    expect(room.page).to_have_url(re.compile(r"/status$"))
    room.page.keyboard.press("Escape")
    expect(room["palette"]).to_be_hidden()
    room["now-play"].click()

    # The words are offered again, and the arrow keys lead to an answer.
    room.page.keyboard.press("Control+k")
    room.page.keyboard.press("ArrowDown")
    room.page.keyboard.press("Enter")
    expect(room.page).to_have_url(re.compile(r"/episode\?id=1"))
    room.sentence(0).wait_for(state="attached")
    room["open-palette"].click()
    room["palette-field"].fill("")
    expect(room["palette-recent"].first).to_have_text("lanter")


def test_pages_and_actions_are_found_by_their_names(room: Room) -> None:
    opened(room, "/")
    room.page.keyboard.type("backup")
    expect(room["palette-place"]).to_have_text("Settings › Backup")
    room["palette-field"].fill("pause the")
    room["palette-do-pause"].click()
    expect(room["palette-said"]).to_have_text("Queue paused.")
    assert room.app.client.get("/api/v1/queue").json()["paused"]
    room["palette-field"].fill("resume")
    room["palette-do-resume"].click()
    wait_for(lambda: not room.app.client.get("/api/v1/queue").json()["paused"])
    room["palette-field"].fill("no such words anywhere")
    expect(room["palette-nothing"]).to_be_visible()
    room["palette-all"].click()
    expect(room.page).to_have_url(re.compile(r"/search\?q=no"))
    expect(room.page.get_by_role("heading", level=1)).to_have_text("Search")


def test_enter_does_not_open_a_hit_for_earlier_words(room: Room) -> None:
    opened(room)
    room.page.keyboard.type("lanter")
    expect(room["palette-episode"]).to_have_count(1)
    # The Enter that ends a composition in Safari.
    room["palette-field"].dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    expect(room["palette"]).to_be_visible()
    room.page.route("**/search/quick?q=harbour*", lambda _: None)
    room["palette-field"].fill("harbour")
    room.page.keyboard.press("Enter")
    expect(room.page).to_have_url(re.compile(r"/search\?q=harbour$"))


def test_a_failed_search_is_told(room: Room) -> None:
    opened(room)
    room.page.keyboard.type("lanter")
    expect(room["palette-episode"]).to_have_count(1)
    room.page.route("**/search/quick*", lambda route: route.abort())
    room.page.keyboard.type("n")
    expect(room["palette-said"]).to_have_text("CastMind isn’t responding. Check that it’s running, then try again.")
    expect(room["palette-episode"]).to_have_count(0)

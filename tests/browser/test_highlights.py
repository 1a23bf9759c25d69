"""The page of all highlights: filters, remarks, colours, deletion with undo, playing, files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE
from tests.browser.room import Room
from tests.browser.test_pages import fits, settled
from tests.running import wait_for

pytestmark = pytest.mark.browser


def made(room: Room) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = room.app.client.get("/api/v1/highlights").json()["items"]
    return found


def mark(room: Room, number: int, colour: str) -> None:
    place = {"start_segment": number, "start_offset": 0, "end_segment": number, "end_offset": 9}
    room.app.client.post(f"{room.base}/highlights", json=place | {"colour": colour}).raise_for_status()


def test_highlights_are_read_filtered_changed_and_deleted(room: Room) -> None:
    page = room.page
    before = len(made(room))
    for number, colour in ((3, "yellow"), (7, "pink"), (11, "pink"), (15, "green")):
        mark(room, number, colour)
    page.goto(f"{room.app.url}/highlights")
    cards = room["highlight-cards"].locator("> li")
    expect(cards).to_have_count(before + 4)
    expect(room["review-card"]).to_have_count(3)
    expect(cards.first.locator("> *")).to_have_count(2)
    settled(page)
    assert not complaints(page)
    room["review-done"].click()
    expect(room["review"]).to_be_hidden()

    room["filter-green"].click()
    expect(cards).to_have_count(sum(each["colour"] == "green" for each in made(room)))
    expect(page).to_have_url(re.compile("colour=green"))
    page.reload()
    expect(room["filter-green"]).to_have_attribute("aria-pressed", "true")
    green = cards.first
    green.get_by_test_id("highlight-edit").click()
    page.keyboard.type("Worth a second look")
    page.keyboard.press("Control+Enter")
    expect(green.get_by_test_id("highlight-remark")).to_have_text("Worth a second look")
    wait_for(lambda: any(each["remark"] == "Worth a second look" for each in made(room)))
    room["filter-green"].click()
    room["highlight-search"].fill("no such words")
    expect(room["highlight-empty"]).to_be_visible()
    room["highlight-clear"].click()
    expect(cards).to_have_count(before + 4)

    # Undo before the deletion is sent; then one that is sent as the page is left.
    cards.first.get_by_test_id("highlight-remove").click()
    expect(cards).to_have_count(before + 3)
    room["message-action"].click()
    expect(cards).to_have_count(before + 4)
    cards.first.get_by_test_id("highlight-blue").click()
    wait_for(lambda: made(room)[0]["colour"] == "blue")
    cards.first.get_by_test_id("highlight-play").click()
    room.plays()
    cards.first.get_by_test_id("highlight-remove").click()
    room["place-library"].click()
    wait_for(lambda: len(made(room)) == before + 3)
    page.go_back()
    expect(cards).to_have_count(before + 3)
    with page.expect_download() as download:
        room["highlight-md"].click()
    assert download.value.suggested_filename == "CastMind highlights.md"
    page.set_viewport_size(PHONE)
    fits(page)


def test_a_refused_change_is_taken_back_with_a_word(room: Room) -> None:
    mark(room, 20, "yellow")
    room.page.goto(f"{room.app.url}/highlights")
    first = room["highlight-cards"].locator("> li").first
    room.page.route("**/api/v1/highlights/*", lambda route: route.abort())
    first.get_by_test_id("highlight-pink").click()
    room.said("Nothing was changed")
    expect(first.get_by_test_id("highlight-yellow")).to_have_attribute("aria-pressed", "true")

"""The way back: one step a page, to where it was scrolled to, with the part that was chosen and the words that were sought."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, LibraryOf, Visit, cards
from tests.browser.room import Room
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def many(library_of: LibraryOf) -> RunningApp:
    return library_of(60)


def top(page: Page) -> float:
    pixels: float = page.get_by_test_id("stMain").evaluate("main => main.scrollTop")
    return pixels


def test_a_phones_back_button_leads_to_the_row_that_was_left(many: RunningApp, visit: Visit) -> None:
    page = visit(many)
    page.set_viewport_size(PHONE)
    row = cards(page, "episode").nth(25)
    row.scroll_into_view_if_needed()
    before = top(page)
    assert before > 500
    row.get_by_test_id("episode-link").click()
    page.get_by_test_id("player").wait_for(state="attached")
    expect(page).to_have_url(re.compile(r"/episode\?id="))
    page.go_back()
    expect(page).to_have_url(f"{many.url}/")
    row.wait_for()
    wait_for(lambda: abs(top(page) - before) < 3)


def test_an_episode_is_found_again_in_the_part_that_was_chosen(room: Room) -> None:
    room.page.set_viewport_size(PHONE)
    room.open()
    room.tab("highlights")
    room["bar-feeds"].click()
    room.page.wait_for_url("**/feeds")
    room.page.go_back()
    expect(room["tab-highlights"]).to_have_attribute("aria-selected", "true")


def test_the_way_back_from_a_hit_leads_to_the_search_with_its_words(room: Room) -> None:
    room.page.goto(f"{room.app.url}/search?q=lantern")
    room["search-hit"].first.click()
    room.sentence(0).wait_for(state="attached")
    room.page.go_back()
    expect(room.page).to_have_url(f"{room.app.url}/search?q=lantern")
    expect(room.page.get_by_role("searchbox")).to_have_value("lantern")

"""A row of the library: it says the gist, and plays its episode without leaving the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot
from tests.browser.room import Room
from tests.browser.test_pages import fits, settled

pytestmark = pytest.mark.browser


def test_a_row_says_its_gist_and_plays_in_place(room: Room, shot: Shot) -> None:
    page = room.page
    page.goto(room.app.url)
    row = room["episode-row-1"]
    expect(row.get_by_test_id("episode-gist")).to_contain_text("harbours")
    settled(page)
    play = row.get_by_test_id("episode-play")
    play.click()
    room.plays()
    expect(room["now-title"]).to_have_text(row.get_by_test_id("episode-link").inner_text())
    expect(play).to_have_accessible_name("Pause: Five hours about harbours")
    shot(page, "library-row-plays")
    assert complaints(page) == []
    row.focus()
    page.keyboard.press("p")
    expect(play).to_have_accessible_name("Play: Five hours about harbours")
    assert room.paused and page.url == f"{room.app.url}/"
    page.set_viewport_size(PHONE)
    settled(page)
    fits(page)

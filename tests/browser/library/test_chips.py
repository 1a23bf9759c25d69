"""The library's filters as chips: in the address, taken back by Back, reached with the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, LibraryOf, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser

EPISODES = 40


@pytest.fixture(scope="module")
def full(library_of: LibraryOf) -> RunningApp:
    return library_of(EPISODES)


def total(app: RunningApp, **wanted: object) -> int:
    found: int = app.client.get("/api/v1/episodes", params={"count": True, "limit": 1, **wanted}).json()["total"]
    return found


def shown(page: Page, count: int) -> None:
    expect(cards(page, "episode")).to_have_count(count)


def test_chips_narrow_the_list_and_back_takes_them_back(full: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(full)
    shown(page, EPISODES)
    settled(page)
    starred = page.get_by_test_id("chip-starred")
    starred.focus()
    page.keyboard.press("Enter")
    shown(page, total(full, starred=True))
    expect(page).to_have_url(f"{full.url}/?starred=1")
    expect(starred).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("chip-feed")).to_be_focused()
    page.get_by_test_id("chip-more").click()
    assert complaints(page) == []
    page.get_by_role("menuitem", name="State: Done").click()
    shown(page, total(full, starred=True, state="done"))
    expect(page.get_by_test_id("chip-state")).to_have_text("Done")
    shot(page, "library-chips")
    page.go_back()
    shown(page, total(full, starred=True))
    page.go_forward()
    page.get_by_test_id("chip-clear").click()
    shown(page, EPISODES)
    assert page.url == f"{full.url}/"
    page.get_by_test_id("chip-started").click()
    shown(page, total(full, started=True))
    page.get_by_test_id("chip-started").click()
    first = cards(page, "episode").first.get_by_test_id("episode-link")
    newest = first.inner_text()
    page.get_by_test_id("chip-sort").click()
    page.get_by_test_id("sort-oldest").click()
    expect(first).not_to_have_text(newest)
    expect(page).to_have_url(re.compile(r"sort=oldest"))
    page.set_viewport_size(PHONE)
    settled(page)
    fits(page)

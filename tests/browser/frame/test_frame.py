"""The frame of every page: navigation at three widths, titles, focus, the way to the content, a lost connection, the theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.room import Room
from tests.browser.test_pages import settled
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

FOCUSED = """() => {
    let held = document.activeElement;
    while (held.shadowRoot?.activeElement) held = held.shadowRoot.activeElement;
    return held.dataset.testid ?? held.tagName;
}"""
ASIDE = "() => document.querySelector('[data-testid=stMain]').getBoundingClientRect().left"


def at(page: Page, title: str) -> None:
    """Wait for a page of that heading, and check its title."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    settled(page)
    expect(page).to_have_title(f"{title} · CastMind")


def test_a_link_turns_to_its_page_and_focuses_the_heading(room: Room) -> None:
    page = room.page
    page.goto(room.app.url)
    at(page, "Library")
    page.evaluate("window.sameWindow = true")
    for name, title in (("queue", "Queue"), ("settings", "Settings"), ("feeds", "Podcasts")):
        room[f"place-{name}"].click()
        at(page, title)
        expect(room[f"place-{name}"]).to_have_attribute("aria-current", "page")
        wait_for(lambda: page.evaluate(FOCUSED) == "H1")
    page.go_back()
    at(page, "Settings")
    expect(room["place-settings"]).to_have_attribute("aria-current", "page")
    assert page.evaluate("window.sameWindow"), "the page was not loaded anew: the sound would have ended"
    assert page.evaluate("document.documentElement.lang") == "en"
    with page.context.expect_page() as opened:
        room["place-search"].click(modifiers=["Control"])
    at(opened.value, "Search")


def test_the_first_row_is_three_presses_away_and_an_episode_says_where_it_is(room: Room) -> None:
    page = room.page
    page.goto(room.app.url)
    room["episode-row-1"].wait_for()
    settled(page)
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "episode-row-1"
    page.keyboard.press("Enter")
    room.sentence(0).wait_for(state="attached")
    wait_for(lambda: page.evaluate(FOCUSED) == "episode-title")
    room["breadcrumbs"].get_by_role("link", name="Library").click()
    at(page, "Library")


def test_the_rail_narrows_and_becomes_a_bar_on_a_phone(room: Room) -> None:
    page = room.page
    page.goto(room.app.url)
    at(page, "Library")
    page.wait_for_function(f"() => ({ASIDE})() > 0")
    wide = page.evaluate(ASIDE)
    page.set_viewport_size({"width": 900, "height": 800})
    expect(room["rail"]).to_be_visible()
    page.wait_for_function(f"wide => 0 < ({ASIDE})() && ({ASIDE})() < wide / 2", arg=wide)
    page.set_viewport_size(PHONE)
    expect(room["rail"]).to_be_hidden()
    page.wait_for_function(f"() => ({ASIDE})() === 0")
    room["tab-more"].click()
    room["more-status"].click()
    expect(room["more-sheet"]).to_be_hidden()
    at(page, "Status")


def test_a_lost_connection_is_told_until_it_is_back(app: RunningApp, visit: Visit) -> None:
    # A script that is still on its way when the server is killed fails as well.
    lost = ("WebSocket", "ERR_", "Client Error", "connection", "not responding", "when disconnected", "dynamically imported")
    page = visit(app, None, ignore=lost)
    page.goto(app.url)
    at(page, "Library")
    expect(page.get_by_test_id("offline")).to_be_hidden()
    app.kill()
    expect(page.get_by_test_id("offline")).to_be_visible()
    app.start()
    expect(page.get_by_test_id("offline")).to_be_hidden()


def test_the_theme_is_chosen_for_every_page(app: RunningApp, visit: Visit) -> None:
    page = visit(app, "/settings?group=pages")
    scheme = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme"
    page.get_by_test_id("theme-light").wait_for()
    assert page.evaluate(scheme) == "light"
    with page.expect_navigation():
        page.get_by_test_id("theme-dark").check()
    expect(page.get_by_test_id("theme-dark")).to_be_checked()
    page.goto(f"{app.url}/queue")
    at(page, "Queue")
    assert page.evaluate(scheme) == "dark"


def test_while_the_server_is_away_a_page_of_our_own_says_so(app: RunningApp, visit: Visit) -> None:
    page = visit(app, "/queue", ignore=("ERR_", "WebSocket", "not responding", "when disconnected", "fetch"), offline=True)
    at(page, "Queue")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    app.kill()
    page.goto(f"{app.url}/search")
    expect(page.get_by_role("heading")).to_have_text("CastMind isn’t responding")
    app.start()
    at(page, "Search")

"""From the library to the episode, to its sound, to the search and back into an episode, without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, SAMPLES, LibraryOf, Visit, cards
from tests.browser.test_pages import settled
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

# Upper bound of tab stops before the target: a page that needs more buries it.
STOPS = 60


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A library with one episode."""
    with RunningApp(tmp_path_factory.mktemp("keys") / "data", CASTMIND_NOTES_ENGINE="extractive") as running:
        running.wait_done(running.upload(SAMPLES / "en_meeting.m4a").json()["id"])
        yield running


def walk_to(page: Page, wanted: Locator) -> None:
    """Tab by Tab, until it has the focus."""
    wanted.wait_for()
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element.getRootNode().activeElement === element"):
            return
    raise AssertionError(f"{wanted} is not reached with {STOPS} presses of Tab")


def test_library_episode_sound_search(one: RunningApp, visit: Visit) -> None:
    page = visit(one)
    walk_to(page, page.get_by_test_id("episode-link").first)
    page.keyboard.press("Enter")
    page.get_by_test_id("segment-0").wait_for(state="attached")
    page.keyboard.press("k")
    wait_for(lambda: not page.get_by_test_id("audio").evaluate("audio => audio.paused"))
    page.keyboard.press("k")
    wait_for(lambda: page.get_by_test_id("audio").evaluate("audio => audio.paused"))

    walk_to(page, page.get_by_test_id("place-search"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("history")
    page.get_by_test_id("search-hit").first.wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator("a:focus")).to_have_attribute("href", re.compile(r"id=1$"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("a:focus")).to_have_attribute("href", re.compile(r"id=1&t=\d"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/episode\?id=1"))
    page.get_by_test_id("segment-0").wait_for(state="attached")


# Presses of a key before the first row of the library has the focus.
MOST_PRESSES = 5
FOCUSED = """() => {
    let held = document.activeElement;
    while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement;
    return held?.dataset.testid ?? "";
}"""


@pytest.fixture(scope="module")
def many(library_of: LibraryOf) -> RunningApp:
    return library_of(40)


@pytest.mark.parametrize("window", [DESK, PHONE])
@pytest.mark.parametrize("query", ["", "?unread=1&sort=oldest"])
def test_the_first_row_is_reached_past_rail_and_chips_with_few_presses(
    many: RunningApp, visit: Visit, window: ViewportSize, query: str
) -> None:
    page = visit(many, None)
    page.set_viewport_size(window)
    page.goto(f"{many.url}/{query}")
    first = cards(page, "episode").first
    first.wait_for()
    settled(page)
    presses = 0
    while page.evaluate(FOCUSED) != "skip":
        page.keyboard.press("Tab")
        presses += 1
        assert presses < MOST_PRESSES
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cards(page, "episode").nth(1)).to_be_focused()

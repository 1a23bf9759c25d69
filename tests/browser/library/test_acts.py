"""Acts in a browser: many presses within a moment all count, and a refused one is taken back with a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import LibraryOf, Visit
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

EPISODES = 40
PRESSES = 10
REFUSED: dict[str, Callable[[Route], None]] = {
    "This isn’t possible right now": lambda route: route.fulfill(status=409, json={"code": "conflict", "detail": "No."}),
    "Something unexpected went wrong": lambda route: route.fulfill(status=500, body="<h1>Traceback</h1>"),
    "CastMind isn’t responding": lambda route: route.abort(),
}
CLICK_ALL = "(buttons) => buttons.forEach((button) => button.click())"


@pytest.fixture(scope="module")
def full(library_of: LibraryOf) -> RunningApp:
    running = library_of(EPISODES)
    everything = {"filter": {}, "background": False}
    for action in ("unstar", "unread"):
        running.client.post("/api/v1/episodes/bulk", json={"action": action, **everything}).raise_for_status()
    return running


def rows(page: Page) -> Locator:
    return page.get_by_test_id("episode-rows").get_by_role("listitem")


def total(app: RunningApp, **wanted: object) -> int:
    answer = app.client.get("/api/v1/episodes", params={"count": True, "limit": 1, **wanted})
    found: int = answer.json()["total"]
    return found


def test_twenty_presses_within_a_second_all_count_and_the_last_one_wins(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    expect(rows(page)).to_have_count(EPISODES)
    stars = rows(page).get_by_test_id("episode-star")
    stars.evaluate_all(f"(all) => ({CLICK_ALL})(all.slice(0, {PRESSES}))")
    rows(page).nth(PRESSES).focus()
    for _ in range(PRESSES):
        page.keyboard.press("r")
        page.keyboard.press("j")
    expect(rows(page).locator("[aria-pressed=true]")).to_have_count(PRESSES)
    wait_for(lambda: (total(full, starred=True), total(full, unread=False)) == (PRESSES, PRESSES))
    for _ in range(7):
        stars.last.click()
    wait_for(lambda: total(full, starred=True) == PRESSES + 1)
    page.reload()
    expect(rows(page).locator("[aria-pressed=true]")).to_have_count(PRESSES + 1)
    expect(rows(page).locator(".dot")).to_have_count(EPISODES - PRESSES)


def test_a_refused_act_is_taken_back_with_a_sentence_and_the_next_one_works(full: RunningApp, visit: Visit) -> None:
    page = visit(full, ignore=(" 409 ", " 500 ", "ERR_FAILED"))
    expect(rows(page)).to_have_count(EPISODES)
    row = rows(page).nth(20)
    star, title = row.get_by_test_id("episode-star"), row.get_by_test_id("episode-link").inner_text()
    for said, answer in REFUSED.items():
        page.route("**/api/v1/episodes/bulk", answer)
        star.click()
        expect(page.get_by_test_id("message")).to_contain_text(f"“{title}”: {said}")
        expect(star).to_have_attribute("aria-pressed", "false")
        page.get_by_test_id("message-close").click()
        page.unroute("**/api/v1/episodes/bulk")
    before = total(full, starred=True)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    wait_for(lambda: total(full, starred=True) == before + 1)


def test_a_deleted_row_vanishes_at_once_and_comes_back(full: RunningApp, visit: Visit) -> None:
    page = visit(full, ignore=(" 409 ",))
    expect(rows(page)).to_have_count(EPISODES)
    held: list[Route] = []
    page.route("**/api/v1/episodes/bulk", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    titles = [rows(page).nth(at).get_by_test_id("episode-link").inner_text() for at in (0, 1)]
    page.get_by_test_id("episode-choose").click()
    for title in titles:
        rows(page).filter(has_text=title).first.get_by_test_id("episode-tick").check()
    page.get_by_test_id("bulk-delete").click()
    expect(rows(page)).to_have_count(EPISODES - 2)
    expect(page.get_by_test_id("episode-count")).to_have_text(f"{EPISODES - 2} episodes")
    wait_for(lambda: page.evaluate("true") and held)
    held[0].continue_()
    page.unroute("**/api/v1/episodes/bulk")
    wait_for(lambda: total(full, deleted=True) == 2)
    page.route("**/api/v1/episodes/bulk", REFUSED["This isn’t possible right now"])
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("message")).to_contain_text("This isn’t possible right now")
    expect(rows(page)).to_have_count(EPISODES - 2)
    page.unroute("**/api/v1/episodes/bulk")
    page.get_by_test_id("undo").click()
    expect(rows(page)).to_have_count(EPISODES)
    wait_for(lambda: total(full, deleted=True) == 0)
    expect(page.get_by_test_id("episode-undo")).to_be_hidden()

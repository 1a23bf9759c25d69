"""The queue in a browser: its cards, their order, pausing all, cancelling all and undoing that."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from pages.queue import queue_cards
from pages.shared.component_source import source
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, LibraryOf, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]
EPISODES = 140
# Each press falls on the button that the press before left.
PRESS_IN_TURN = """(names) => {
    const hosts = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].map((host) => host.shadowRoot);
    const press = (name) => hosts.map((root) => root?.querySelector(`[data-testid=queue-${name}]`)).find(Boolean).click();
    names.forEach(press);
}"""
# What was sent and answered, in turn.
TURNS = """() => {
    const sent = performance.getEntriesByType("resource").map(({ name }) => /\\/queue\\/(\\w+)$/.exec(name)?.[1]);
    return sent.filter(Boolean);
}"""
A_PAGE = 100
# How many cards a folded card of two episodes is drawn as: at first, and after each of the two is acted on.
ACTED_ON = """() => {
    const acts = new Acts(), cards = new HeldCards(acts);
    const held = [{ name: "net", said: "2 wait", reason: "", remedy: null, ids: [1, 2], unfolded: true }];
    const drawn = () => {
        cards.show({ held, text: {} }, () => {});
        return cards.root.childElementCount;
    };
    return [drawn(), ...[1, 2].map((id) => (acts.put(id, "work", "queued", id, []), drawn()))];
}"""


@pytest.fixture(scope="module")
def held(library_of: LibraryOf) -> RunningApp:
    """A paused queue with three episodes in it, whose audio is nowhere, of a library with more than a page of finished ones."""
    running = library_of(EPISODES)
    running.client.post("/api/v1/queue/pause").raise_for_status()
    stopped = running.client.get("/api/v1/jobs", params={"state": ["failed", "cancelled"]}).json()["items"]
    ids = sorted({job["episode_id"] for job in stopped})[:3]
    assert len(ids) == 3
    running.client.post("/api/v1/episodes/bulk", json={"action": "retry", "episode_ids": ids}).raise_for_status()
    return running


def opened(visit: Visit, app: RunningApp, locale: str = "en-US") -> Page:
    page = visit(app, "/queue", locale=locale)
    expect(cards(page, "job")).to_have_count(3)
    return page


def test_a_card_is_put_to_the_front(held: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit, held)
    expect(page.get_by_text("The queue is paused")).to_be_visible()
    last = cards(page, "job").last.get_by_test_id("queue-link").inner_text()
    cards(page, "job").last.get_by_test_id("queue-first").click()
    expect(cards(page, "job").first.get_by_test_id("queue-link")).to_have_text(last)
    expect(cards(page, "job").first).to_contain_text("TranscriptQueued")
    shot(page, "queue-cards")


def test_all_that_is_queued_is_cancelled_and_taken_back(held: RunningApp, visit: Visit) -> None:
    page = opened(visit, held)
    sent: list[Route] = []

    def hold_the_first(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    page.route("**/api/v1/episodes/bulk", hold_the_first)
    cancel = page.get_by_role("button", name="Cancel all queued")
    cancel.press("Enter")
    expect(cancel).to_have_attribute("aria-disabled", "true")
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("true") and sent)
    sent[0].continue_()
    expect(cards(page, "job")).to_have_count(0)
    expect(page.get_by_test_id("queue-empty")).to_have_text("Nothing to do. Add audio in the library.")
    # Of the two presses the first alone counted: it asks for what is queued, then for what waits.
    assert len(sent) == 2
    page.get_by_role("button", name="Undo cancelling (3)").click()
    expect(cards(page, "job")).to_have_count(3)
    expect(page.get_by_test_id("queue-undo-cancel")).to_have_count(0)


def test_a_folded_card_stays_while_one_of_its_episodes_waits(held: RunningApp, visit: Visit) -> None:
    page = visit(held, None)
    scripts = ("shared/page.js", "shared/acts.js", "shared/kept_parts.js", "queue_bar.js", "held_cards.js")
    assert page.evaluate(f"() => {{ {source(queue_cards.__file__, *scripts)}\nreturn ({ACTED_ON})(); }}") == [1, 1, 0]


def test_quick_presses_all_count_and_a_refused_one_is_taken_back(held: RunningApp, visit: Visit) -> None:
    page = visit(held, "/queue", ignore=(" 409 ",))
    paused, resume, pause = (page.get_by_test_id(f"queue-{name}") for name in ("paused", "resume", "pause"))
    expect(paused).to_be_visible()
    page.route("**/api/v1/queue/resume", lambda route: route.fulfill(status=409, json={"code": "conflict", "detail": "No."}))
    resume.click()
    expect(page.get_by_test_id("message")).to_have_text(re.compile("This isn’t possible right now"))
    expect(paused).to_be_visible()
    page.unroute_all()
    page.evaluate("performance.clearResourceTimings()")
    page.evaluate(PRESS_IN_TURN, ["resume", "pause"] * 3)
    expect(resume).to_be_visible()
    page.wait_for_function(f"() => ({TURNS})().length === 6")
    assert page.evaluate(TURNS) == ["resume", "pause"] * 3
    assert held.client.get("/api/v1/queue").json()["paused"] is True
    expect(pause).to_have_count(0)


def test_all_that_failed_is_tried_again_from_the_library_and_the_queue(held: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(held, "/?state=failed")
    again = page.get_by_test_id("episode-retry-all")
    open_now = held.client.get("/api/v1/queue").json()["episodes"]["busy"]
    count = held.client.get("/api/v1/episodes", params={"state": "failed", "count": True, "limit": 1}).json()["total"]
    expect(again).to_have_text(f"Retry all failed ({count})")
    shot(page, "library-failed")
    again.click()
    expect(page.get_by_text("No matching episodes")).to_be_visible()
    page.goto(f"{held.url}/queue")
    expect(cards(page, "job")).to_have_count(open_now + count)
    page.get_by_test_id("queue-cancel-all").click()
    expect(page.get_by_test_id("queue-empty")).to_be_visible()
    page.get_by_test_id("queue-undo-cancel").click()
    expect(cards(page, "job")).to_have_count(open_now + count)
    page.get_by_test_id("queue-cancel-all").click()
    expect(page.get_by_test_id("queue-empty")).to_be_visible()
    stopped = held.client.get("/api/v1/jobs", params={"state": ["cancelled"], "limit": 1000}).json()["items"]
    ids = sorted({job["episode_id"] for job in stopped})[:3]
    held.client.post("/api/v1/episodes/bulk", json={"action": "retry", "episode_ids": ids}).raise_for_status()


def test_more_cards_than_a_page_holds_come_when_asked_for(held: RunningApp, visit: Visit) -> None:
    jobs = held.client.get("/api/v1/jobs", params={"state": "done", "limit": 1000}).json()["items"]
    done = sum(job["stage"] == "publish" for job in jobs)
    assert A_PAGE < done <= 2 * A_PAGE
    page = visit(held, "/queue?show=done")
    expect(cards(page, "job")).to_have_count(A_PAGE)
    expect(page.get_by_text(f"Showing the first {A_PAGE}.")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Show more").click()
    expect(cards(page, "job")).to_have_count(done)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_the_queue_fits_a_phone_in_chinese(held: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit, held, "zh-CN")
    page.set_viewport_size(PHONE)
    settled(page)
    fits(page)
    shot(page, "queue-phone")


def test_what_was_paused_goes_on(held: RunningApp, visit: Visit) -> None:
    page = opened(visit, held)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Nothing to do")).to_be_visible()
    assert held.client.get("/api/v1/queue").json()["paused"] is False
    page.get_by_text("Failed and cancelled").click()
    expect(cards(page, "job").first.get_by_test_id("queue-retry")).to_be_visible()
    assert "show=failed" in page.url

"""The queue in a browser: its cards, their order, pausing all, cancelling all and undoing that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.fixtures.many_episodes import fill
from tests.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.long]
EPISODES = 140
A_PAGE = 100


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A paused queue with three episodes in it, whose audio is nowhere, of a library with more than a page of finished ones."""
    data = tmp_path_factory.mktemp("queue") / "data"
    data.mkdir()
    fill(data, EPISODES)
    with RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive") as running:
        running.client.post("/api/v1/queue/pause").raise_for_status()
        stopped = running.client.get("/api/v1/jobs", params={"state": ["failed", "cancelled"]}).json()["items"]
        ids = sorted({job["episode_id"] for job in stopped})[:3]
        assert len(ids) == 3
        running.client.post("/api/v1/episodes/bulk", json={"action": "retry", "episode_ids": ids}).raise_for_status()
        yield running


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
    page.get_by_role("button", name="Cancel all queued").click()
    expect(cards(page, "job")).to_have_count(0)
    page.get_by_role("button", name="Undo cancelling (3)").click()
    expect(cards(page, "job")).to_have_count(3)


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

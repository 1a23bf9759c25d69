"""The inbox: new episodes of feeds, one key for each decision, and Undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, LibraryOf, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

EPISODES = 120


@pytest.fixture(scope="module")
def new(library_of: LibraryOf) -> RunningApp:
    running = library_of(EPISODES)
    running.client.post("/api/v1/queue/pause").raise_for_status()
    return running


def waiting(app: RunningApp, **wanted: object) -> set[int]:
    answer = app.client.get("/api/v1/episodes", params={"limit": 200, **({"inbox": True} | wanted)})
    return {item["id"] for item in answer.json()["items"]}


def focused(page: Page) -> int:
    number: int = page.evaluate(
        """() => {
            let held = document.activeElement;
            while (held?.shadowRoot) held = held.shadowRoot.activeElement;
            return Number(held?.closest("[data-episode]")?.dataset.episode);
        }"""
    )
    return number


def test_each_new_episode_is_decided_with_one_key_and_undone(new: RunningApp, visit: Visit, shot: Shot) -> None:
    all_new = waiting(new)
    assert len(all_new) >= 5
    page = visit(new)
    page.get_by_test_id("chip-inbox").click()
    rows = cards(page, "episode")
    expect(rows).to_have_count(len(all_new))
    expect(page.get_by_test_id("chip-inbox")).to_have_text(f"Inbox ({len(all_new)})")
    settled(page)
    shot(page, "library-inbox")
    assert complaints(page) == []
    rows.first.focus()
    decided = []
    for key in ("k", "s", "t"):
        decided.append(focused(page))
        page.keyboard.press(key)
        expect(rows).to_have_count(len(all_new) - len(decided))
    kept, skipped, transcribed = decided
    wait_for(lambda: kept in waiting(new, inbox=False, starred=True))
    wait_for(lambda: skipped in waiting(new, inbox=False, unread=False))
    assert transcribed in waiting(new), "a transcription can be undone until it is sent"
    for left in (transcribed, skipped, kept):
        page.keyboard.press("z")
        expect(page.get_by_test_id(f"episode-row-{left}")).to_be_visible()
        page.get_by_test_id(f"episode-row-{left}").focus()
    wait_for(lambda: waiting(new) == all_new)
    page.get_by_test_id(f"episode-row-{transcribed}").get_by_test_id("episode-transcribe").click()
    expect(page.get_by_test_id("message")).to_contain_text("will be transcribed")
    page.get_by_test_id("place-queue").click()
    wait_for(lambda: transcribed not in waiting(new))


def test_a_refused_decision_comes_back_with_a_sentence_and_a_phone_has_room(new: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(new, "/?inbox=1", locale="zh-CN", ignore=(" 409 ",))
    page.set_viewport_size(PHONE)
    rows = cards(page, "episode")
    rows.first.wait_for()
    settled(page)
    fits(page)
    shot(page, "library-inbox-phone")
    before = rows.count()
    page.route("**/api/v1/episodes/bulk", lambda route: route.fulfill(status=409, json={"code": "conflict", "detail": "No."}))
    title = rows.first.get_by_test_id("episode-link").inner_text()
    rows.first.get_by_test_id("episode-keep").click()
    expect(page.get_by_test_id("message")).to_contain_text(title)
    expect(rows).to_have_count(before)

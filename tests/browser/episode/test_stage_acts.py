"""Cancel and Try again on an episode's page: said at once, sent by fetch, taken back with a sentence if refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_pages import settled
from tests.running import PROJECT, RunningApp, wait_for

pytestmark = pytest.mark.browser

SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"


def test_work_is_cancelled_and_taken_up_again(tmp_path: Path, visit: Visit) -> None:
    with RunningApp(tmp_path / "data", CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo") as app:
        app.client.post("/api/v1/queue/pause").raise_for_status()
        number = app.upload(SAMPLE).json()["id"]
        page = visit(app, f"/episode?id={number}", ignore=("503",))
        settled(page)
        page.route("**/api/v1/episodes/bulk", lambda route: route.fulfill(status=503, json={"error": {"code": "database_busy"}}))
        page.get_by_test_id("stage-cancel").click()
        expect(page.get_by_test_id("stage-message")).to_contain_text("en short")
        expect(page.get_by_test_id("stage-cancel")).to_be_enabled()
        page.unroute("**/api/v1/episodes/bulk")
        page.get_by_test_id("stage-cancel").click()
        page.get_by_test_id("stage-retry").click()
        expect(page.get_by_test_id("stage-cancel")).to_be_visible()
        wait_for(lambda: set(app.states(number).values()) == {"queued"})
        app.client.post("/api/v1/queue/resume").raise_for_status()
        expect(page.get_by_test_id("gist")).not_to_be_empty()
        expect(page.get_by_test_id("stage-cancel")).to_have_count(0)

"""The first minute with CastMind: an empty library, one click, notes and a transcript to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Shot, Visit, cards
from tests.fakes.ollama import FakeOllama
from tests.running import RunningApp

pytestmark = pytest.mark.browser


def try_the_sample(page: Page, app: RunningApp) -> None:
    """From the empty library to the episode's page."""
    page.get_by_role("button", name="Try the sample").click()
    row = cards(page, "episode").first
    row.get_by_role("link").wait_for()
    row.get_by_role("link").click()
    page.wait_for_url(f"{app.url}/episode?id=*")


@pytest.mark.long
def test_the_sample_becomes_notes_without_any_language_model(tmp_path: Path, visit: Visit, shot: Shot) -> None:
    with RunningApp(tmp_path / "data") as app:
        page = visit(app)
        page.get_by_role("button", name="Try the sample").wait_for()
        shot(page, "library-empty")
        try_the_sample(page, app)
        expect(page.get_by_test_id("gist")).not_to_be_empty()
        expect(page.get_by_test_id("notes-label")).to_contain_text("100")
        expect(page.get_by_test_id("point-0-quote")).to_be_visible()
        expect(page.get_by_test_id("segment-0")).not_to_be_empty()
        shot(page, "episode-sample")


@pytest.mark.long
def test_the_sample_becomes_notes_of_a_language_model(tmp_path: Path, visit: Visit) -> None:
    with FakeOllama() as ollama, RunningApp(tmp_path / "data", OLLAMA_HOST=ollama.url, CASTMIND_NOTES_ENGINE="auto") as app:
        page = visit(app)
        try_the_sample(page, app)
        expect(page.get_by_test_id("notes-label")).to_contain_text("qwen2.5:7b")
        expect(page.get_by_test_id("point-0-quote")).to_be_visible()
        assert ollama.chats

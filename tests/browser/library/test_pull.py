"""A language model that is missing: one click in the library pulls it, and the notes that waited for it are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, Visit
from tests.fakes.ollama import FakeOllama
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_missing_model_is_pulled_with_progress_and_the_notes_go_on(tmp_path: Path, visit: Visit) -> None:
    with FakeOllama() as ollama, RunningApp(tmp_path / "data", OLLAMA_HOST=ollama.url, CASTMIND_NOTES_ENGINE="auto") as app:
        ollama.behave(models=(), pull_seconds=4.0)
        episode_id = app.upload(SAMPLES / "en_short.wav").json()["id"]
        wait_for(lambda: app.states(episode_id)["summarise"] == "waiting", why=app.last_words)
        (summarise,) = (s for s in app.episode(episode_id)["stages"] if s["name"] == "summarise")
        assert summarise["error"]["code"] == "ollama_model_missing"
        page = visit(app)
        page.get_by_text("First steps").click()
        page.get_by_role("button", name="Download qwen3").click()
        expect(page.get_by_text("Downloading qwen3").first).to_be_visible()
        app.wait_done(episode_id)
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "ollama"
        page.close()  # before its server goes

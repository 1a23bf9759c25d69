"""From an upload to notes with a real Ollama, through the app's front door, and a kill in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills import audio
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.real

PATIENCE = 900.0


def test_an_upload_becomes_notes_and_a_kill_in_between_loses_nothing(tmp_path: Path, ollama_url: str, model: str) -> None:
    """A model that is too weak fails the stage with its name; what was written without it is still there."""
    said = tmp_path / "said.wav"
    said.write_bytes(audio(1))
    settings = {"OLLAMA_HOST": ollama_url, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_OLLAMA_MODEL": model}
    with RunningApp(tmp_path / "data", **settings) as app:
        episode = int(app.upload(said).json()["id"])
        wait_for(lambda: app.states(episode).get("summarise") == "running", patience=PATIENCE, why=app.last_words)
        words = app.client.get(f"/api/v1/episodes/{episode}/transcript").json()
        app.kill()
        app.start()
        assert app.client.get(f"/api/v1/episodes/{episode}/transcript").json() == words

        def over() -> str:
            state = app.states(episode)["summarise"]
            return state if state in ("done", "failed", "retrying") else ""

        state = wait_for(over, patience=PATIENCE, why=lambda: f"{app.episode(episode)} {app.last_words()}")
        stage = next(s for s in app.episode(episode)["stages"] if s["name"] == "summarise")
        assert state == "done" or model in str(stage), stage
        notes = app.client.get(f"/api/v1/episodes/{episode}/notes")
        assert notes.status_code == 200, notes.text
        assert notes.json()["engine"] == ("ollama" if state == "done" else "extractive")

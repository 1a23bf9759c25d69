"""A job that waits for something outside resumes by itself once it is available, without a restart or a retry by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model_hub import ModelHub
from tests.fakes.ollama import FakeOllama
from tests.running import RunningApp, free_port, wait_for
from tests.words import DEMO

SHORT = DEMO / "samples" / "en_short.wav"


def stage(app: RunningApp, episode_id: int, name: str) -> dict[str, Any]:
    return next(s for s in app.episode(episode_id)["stages"] if s["name"] == name)


def wait_for_state(app: RunningApp, episode_id: int, name: str, state: str) -> dict[str, Any]:
    wait_for(lambda: stage(app, episode_id, name)["state"] == state, why=app.last_words)
    return stage(app, episode_id, name)


@pytest.mark.long
def test_notes_wait_for_ollama_with_an_extract_and_go_on_when_it_answers(tmp_path: Path) -> None:
    port = free_port()
    with RunningApp(tmp_path / "data", OLLAMA_HOST=f"http://127.0.0.1:{port}", CASTMIND_NOTES_ENGINE="auto") as app:
        episode_id = app.upload(SHORT).json()["id"]
        waiting = wait_for_state(app, episode_id, "summarise", "waiting")
        assert waiting["error"]["code"] == "ollama_unreachable"
        wait_for_state(app, episode_id, "publish", "done")
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "extractive"
        with FakeOllama(port=port):
            app.wait_done(episode_id)
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "ollama"
        (published,) = (app.data / "exports").glob("*.md")
        assert "qwen2.5:7b" in published.read_text(encoding="utf-8")


@pytest.mark.long
def test_a_missing_speech_model_is_waited_for_and_found_in_its_folder(tmp_path: Path) -> None:
    settings = {"CASTMIND_WHISPER_MODEL": "small", "HF_ENDPOINT": "http://127.0.0.1:9"}
    with RunningApp(tmp_path / "data", **settings) as app:
        episode_id = app.upload(SHORT).json()["id"]
        waiting = wait_for_state(app, episode_id, "transcribe", "waiting")
        assert waiting["error"]["code"] == "speech_model_missing"
        assert "HF_ENDPOINT" in waiting["error"]["detail"] and "models" in waiting["error"]["detail"]
        shutil.copytree(DEMO / "model", app.data / "models" / "small")
        app.wait_done(episode_id)


@pytest.mark.long
def test_a_missing_speech_model_is_downloaded(tmp_path: Path) -> None:
    with (
        ModelHub(DEMO / "model", "Systran/faster-whisper-small") as hub,
        RunningApp(tmp_path / "data", CASTMIND_WHISPER_MODEL="small", HF_ENDPOINT=hub.url) as app,
    ):
        app.wait_done(app.upload(SHORT).json()["id"])
        assert (app.data / "models" / "small" / "model.bin").is_file()


@pytest.mark.long
def test_the_inbox_takes_what_is_there_and_what_comes(tmp_path: Path) -> None:
    inbox = tmp_path / "data" / "inbox"
    inbox.mkdir(parents=True)
    shutil.copyfile(SHORT, inbox / "before the start.wav")
    with RunningApp(tmp_path / "data") as app:

        def titles() -> list[str]:
            return sorted(item["title"] for item in app.client.get("/api/v1/episodes").json()["items"])

        wait_for(lambda: titles() == ["before the start"], why=app.last_words)
        shutil.copyfile(DEMO / "samples" / "silence.wav", inbox / "later.wav")
        (inbox / "a letter.txt").write_text("Dear Alice")
        wait_for(lambda: titles() == ["before the start", "later"], why=app.last_words)
        wait_for((inbox / "rejected" / "a letter.txt").is_file, why=app.last_words)


@pytest.mark.long
def test_a_changed_setting_holds_without_a_restart(tmp_path: Path) -> None:
    with FakeOllama() as ollama, RunningApp(tmp_path / "data", OLLAMA_HOST=ollama.url) as app:
        episode_id = app.upload(SHORT).json()["id"]
        app.wait_done(episode_id)
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "extractive"
        app.client.patch("/api/v1/settings", json={"notes_engine": "ollama"}).raise_for_status()
        app.client.post(f"/api/v1/episodes/{episode_id}/retry", json={"stage": "summarise"}).raise_for_status()
        app.wait_done(episode_id)
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "ollama"

"""From an upload to notes with a real Ollama, through the app's HTTP API, with interruptions.

A model that is too weak for notes does not fail these tests: then the extractive notes stay current, and the app says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.llm import models
from tests.kills import audio
from tests.real.ollama.conftest import Relay
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.real

PATIENCE = 1800.0
# States of a step that do not change by themselves for now.
SETTLED = ("done", "failed", "waiting")


@pytest.fixture
def app(tmp_path: Path, ollama_url: str, model: str) -> Iterator[RunningApp]:
    settings = {"OLLAMA_HOST": ollama_url, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_OLLAMA_MODEL": model}
    with RunningApp(tmp_path / "data", **settings) as running:
        yield running


def upload(app: RunningApp, folder: Path) -> int:
    said = folder / "said.wav"
    said.write_bytes(audio(1))
    return int(app.upload(said).json()["id"])


def summarise(app: RunningApp, episode: int) -> dict[str, Any]:
    return next(s for s in app.episode(episode)["stages"] if s["name"] == "summarise")


def settled(app: RunningApp, episode: int) -> dict[str, Any]:
    """Wait until the step has ended or waits for something outside; return it."""
    wait_for(
        lambda: summarise(app, episode)["state"] in SETTLED,
        patience=PATIENCE,
        why=lambda: f"{app.episode(episode)} {app.last_words()}",
    )
    return summarise(app, episode)


def get(app: RunningApp, path: str) -> dict[str, Any]:
    answer = app.client.get(f"/api/v1/episodes/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kept_answers(app: RunningApp) -> int:
    """Return the stored answers on parts of the transcript, from the running app's database."""
    with closing(sqlite3.connect(f"file:{app.data / 'castmind.db'}?mode=ro", uri=True)) as db:
        found: int = db.execute("SELECT count(*) FROM checkpoints WHERE key LIKE 'read-%'").fetchone()[0]
    return found


def is_sound(app: RunningApp, episode: int, model: str) -> None:
    """Check the current notes: either the model's and mostly verified, or extractive; in that case the step or a version of
    the notes names the model that failed."""
    stage, notes = settled(app, episode), get(app, f"{episode}/summary")
    assert stage["state"] in ("done", "failed"), stage
    assert notes["coverage"] == 1.0
    written = [v for v in get(app, f"{episode}/summaries")["items"] if v["engine"] == "ollama"]
    print(stage["state"], notes["engine"], [(v["model"], v["verified_share"], v["held_back"]) for v in written])
    if notes["engine"] == "ollama":
        assert stage["state"] == "done" and notes["model"] == model
    else:
        assert notes["verified_share"] == 1.0
        assert [v["held_back"] for v in written] == ["too_weak"] or (not written and model in str(stage)), stage


def test_an_upload_becomes_notes(tmp_path: Path, app: RunningApp, model: str) -> None:
    episode = upload(app, tmp_path)
    is_sound(app, episode, model)
    assert get(app, f"{episode}/transcript")["segments"]


def test_a_weak_model_leaves_in_place_what_is_proven(tmp_path: Path, ollama_url: str, weakest: str) -> None:
    """The sample's extractive notes exist before the model is called, each with a verbatim quote."""
    settings = {"OLLAMA_HOST": ollama_url, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_OLLAMA_MODEL": weakest}
    with RunningApp(tmp_path / "data", **settings) as app:
        episode = int(app.client.post("/api/v1/episodes/sample").json()["id"])
        is_sound(app, episode, weakest)


def test_a_kill_in_the_midst_of_notes_loses_nothing(tmp_path: Path, app: RunningApp, model: str) -> None:
    episode = upload(app, tmp_path)
    wait_for(lambda: summarise(app, episode)["state"] == "running", patience=PATIENCE, why=app.last_words)
    words = get(app, f"{episode}/transcript")
    app.kill()
    app.start()
    assert get(app, f"{episode}/transcript") == words
    is_sound(app, episode, model)


def test_after_a_kill_nothing_is_asked_again_that_was_answered(tmp_path: Path, relay: Relay, model: str) -> None:
    """Kill after the first answer is stored, during the second request, about quotes that were not found."""
    settings = {"OLLAMA_HOST": relay.root, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_OLLAMA_MODEL": model}
    with RunningApp(tmp_path / "data", **settings) as app:
        episode = int(app.client.post("/api/v1/episodes/sample").json()["id"])
        wait_for(lambda: kept_answers(app) or summarise(app, episode)["state"] in SETTLED, patience=PATIENCE, why=app.last_words)
        if not kept_answers(app):
            pytest.skip(f"No answer of {model} was kept with a question left to ask: {summarise(app, episode)}")
        app.kill()
        assert any('"points":' in question for question in relay.asked)
        relay.asked.clear()
        app.start()
        is_sound(app, episode, model)
        assert not any('"points":' in question for question in relay.asked)


def test_a_model_that_is_missing_is_waited_for_by_its_name(tmp_path: Path, ollama_url: str, model: str) -> None:
    missing = "castmind-no-such-model:1b"
    settings = {"OLLAMA_HOST": ollama_url, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_OLLAMA_MODEL": missing}
    with RunningApp(tmp_path / "data", **settings) as app:
        episode = upload(app, tmp_path)
        stage = settled(app, episode)
        assert stage["state"] == "waiting" and missing in str(stage), stage
        assert get(app, f"{episode}/summary")["engine"] == "extractive"
        # Request another model that is installed.
        app.client.post(f"/api/v1/episodes/{episode}/summaries", json={"model": model}).raise_for_status()
        wait_for(lambda: summarise(app, episode)["state"] != "waiting", patience=PATIENCE, why=app.last_words)
        is_sound(app, episode, model)


def test_a_model_that_runs_elsewhere_gets_nothing(tmp_path: Path, relay: Relay, remote: str) -> None:
    """Neither when no model is named although it is installed, nor when it is named without consent."""
    with RunningApp(tmp_path / "data", OLLAMA_HOST=relay.root, CASTMIND_NOTES_ENGINE="ollama") as app:
        episode = upload(app, tmp_path)
        wait_for(lambda: relay.models, patience=PATIENCE, why=app.last_words)
        app.client.post(f"/api/v1/episodes/{episode}/cancel").raise_for_status()
        wait_for(lambda: summarise(app, episode)["state"] == "cancelled", patience=PATIENCE, why=app.last_words)
        app.client.post(f"/api/v1/episodes/{episode}/summaries", json={"model": remote}).raise_for_status()
        wait_for(lambda: remote in str(summarise(app, episode)), patience=PATIENCE, why=app.last_words)
        assert summarise(app, episode)["state"] == "waiting"
    assert {models.same(name, remote) for name in relay.models} == {False}

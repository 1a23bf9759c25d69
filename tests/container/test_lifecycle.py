"""From clean to healthy, a sample heard and read, down and up again, with the project's own compose file and a real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.container.compose import ComposeApp
from tests.running import PROJECT, Server

pytestmark = pytest.mark.container

SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"
OWN_NOTES = "Mine. 我的笔记。"


def shown(app: Server, episode_id: int) -> dict[str, Any]:
    """All that a reader sees of an episode."""
    base = f"/api/v1/episodes/{episode_id}"
    return {
        "episode": app.episode(episode_id),
        "transcript": app.client.get(f"{base}/transcript").json(),
        "summary": app.client.get(f"{base}/summary").json(),
        "notes": app.client.get(f"{base}/notes").json(),
        "audio": app.client.get(f"{base}/audio").content,
    }


def hear_and_read(app: Server) -> dict[int, dict[str, Any]]:
    """The bundled sample and a file of one's own, transcribed, with notes, and with notes of one's own."""
    ids = [app.client.post("/api/v1/episodes/sample").json()["id"], app.upload(SAMPLE, title="Mine").json()["id"]]
    for episode_id in ids:
        app.wait_done(episode_id, patience=300)
    app.client.put(f"/api/v1/episodes/{ids[1]}/notes", json={"markdown": OWN_NOTES}).raise_for_status()
    found = {episode_id: shown(app, episode_id) for episode_id in ids}
    assert all(kept["summary"]["points"] and kept["transcript"]["segments"] for kept in found.values())
    assert found[ids[1]]["audio"] == SAMPLE.read_bytes()
    assert found[ids[1]]["notes"]["markdown"] == OWN_NOTES
    return found


def test_from_clean_to_notes_and_all_of_it_is_there_after_down_and_up(tmp_path: Path, cpu_image: str) -> None:
    with ComposeApp(tmp_path / "castmind", cpu_image) as app:
        before = hear_and_read(app)
        app.down()
        app.start()
        assert {episode_id: shown(app, episode_id) for episode_id in before} == before

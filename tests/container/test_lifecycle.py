"""From clean to healthy, a sample heard and read, down and up again, with the project's own compose file and a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.container.served import ComposeApp, facts
from tests.running import PROJECT

pytestmark = pytest.mark.container

SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"
OWN_NOTES = "Mine. 我的笔记。"


def test_from_clean_to_notes_and_all_of_it_is_there_after_down_and_up(tmp_path: Path, cpu_image: str) -> None:
    with ComposeApp(tmp_path / "castmind", cpu_image) as app:
        bundled = app.client.post("/api/v1/episodes/sample").json()["id"]
        own = app.upload(SAMPLE, title="Mine").json()["id"]
        for episode_id in (bundled, own):
            app.wait_done(episode_id, patience=300)
        app.client.put(f"/api/v1/episodes/{own}/notes", content=OWN_NOTES).raise_for_status()
        before = facts(app)
        assert len(before) == 2
        assert before["Mine"]["audio"] == SAMPLE.read_bytes()
        assert OWN_NOTES in before["Mine"]["notes"]
        assert all(kept["summary"]["points"] and kept["transcript"]["segments"] for kept in before.values())
        app.down()
        app.start()
        assert facts(app) == before

"""The publish step, after the steps before it."""

from __future__ import annotations

import json

from core.domain.accounts.actor import OWNER
from tests.fakes.ollama import FakeOllama
from tests.pipeline.steps.conftest import exported, take_in
from tests.runner_fixture import Rig


def test_audio_becomes_a_transcript_notes_and_files(real: Rig, ollama: FakeOllama) -> None:
    episode = take_in(real, "en_short.wav")
    real.run_all()
    assert real.states(episode) == "dddd"
    transcript = real.library.transcript(OWNER, episode)
    version = real.library.notes(OWNER, episode)
    assert transcript
    assert version
    assert transcript.language == "en"
    assert (version.notes.engine, version.notes.coverage, version.notes.verified_share) == ("ollama", 1.0, 1.0)
    first = transcript.segments[0].text
    assert first in exported(real, ".md")
    assert first in exported(real, ".vtt")
    assert json.loads(exported(real, ".json"))["transcript"]["segments"][0]["text"] == first

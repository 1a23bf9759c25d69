"""The transcribe step with the real speech worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.pipeline.steps.transcribe import speech_request
from core.settings import Settings
from tests.fakes.ollama import FakeOllama
from tests.pipeline.steps.conftest import take_in
from tests.runner_fixture import Rig


def test_silence_gives_an_empty_transcript_and_asks_no_language_model(real: Rig, ollama: FakeOllama) -> None:
    episode = take_in(real, "silence.wav")
    real.run_all()
    assert real.states(episode) == "dddd"
    transcript = real.library.transcript(OWNER, episode)
    assert transcript
    assert transcript.segments == ()
    assert ollama.chats == []


EPISODE = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, media_path="uploads/a.wav")


def test_an_episodes_own_wishes_go_before_the_settings(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.wav").touch()
    values = Settings(whisper_model="small", audio_language="zh", window_minutes=2.0)
    plain = speech_request(EPISODE, values, tmp_path)
    assert (plain.model, plain.language, plain.window_seconds) == ("small", "zh", 120.0)
    wishes = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, media_path="uploads/a.wav", language="auto", model="demo")
    asked = speech_request(wishes, values, tmp_path)
    assert (asked.model, asked.language) == ("demo", None)
    with pytest.raises(errors.MediaMissing):
        speech_request(EPISODE, values, tmp_path / "elsewhere")

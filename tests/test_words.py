"""Words through the whole app: uploaded over HTTP, transcribed by the worker, read back; at most 5 % wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import RunningApp
from tests.words import DEMO, error_rate, grammar, words_of

SAMPLES = ("en_episode.mp3", "en_meeting.m4a", "en_short.wav", "zh_episode.mp3", "mixed_noise.ogg")
FRESH = {"en": (101, 102, 103, 104), "zh": (201, 202, 203, 204)}
SECONDS = 30.0
MOST = 0.05


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("words") / "data") as running:
        yield running


def heard(app: RunningApp, path: Path) -> str:
    episode_id = app.upload(path).json()["id"]
    app.wait_done(episode_id)
    segments = app.client.get(f"/api/v1/episodes/{episode_id}/transcript").json()["segments"]
    return " ".join(segment["text"] for segment in segments)


@pytest.mark.long
@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_understood(app: RunningApp, name: str) -> None:
    path = DEMO / "samples" / name
    wrong, total = error_rate(words_of(path), heard(app, path))
    assert wrong <= MOST * total


@pytest.mark.long
@pytest.mark.parametrize("language", FRESH)
def test_fresh_speech_is_understood(app: RunningApp, tmp_path: Path, language: str) -> None:
    wrong = total = 0
    for seed in FRESH[language]:
        clip = grammar().make_episode(random.Random(seed), language, SECONDS)
        path = tmp_path / f"{language}-{seed}.wav"
        grammar().write_wav(path, clip.audio)
        errors, words = error_rate(clip.text, heard(app, path))
        wrong, total = wrong + errors, total + words
    assert wrong <= MOST * total


@pytest.mark.long
def test_silence_gives_an_empty_transcript_and_says_so(app: RunningApp) -> None:
    episode_id = app.upload(DEMO / "samples" / "silence.wav").json()["id"]
    app.wait_done(episode_id)
    assert app.client.get(f"/api/v1/episodes/{episode_id}/transcript").json()["segments"] == []
    summary = app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()
    assert summary["points"] == [] and summary["coverage"] == 1.0
    assert "speak" in summary["tldr"]

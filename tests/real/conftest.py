"""Real speech models behind the app's public client, and recordings for them.

Tests whose model or voices are missing are skipped, with a message that names the remedy. With CASTMIND_REAL_REQUIRED=1 a
missing model is a failure instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.transcripts.transcript import Transcript, Window
from core.speech.client.client import SpeechClient
from core.speech.request import Device, SpeechRequest
from scripts import real_models
from tests.real import recordings, thresholds
from tests.real.recordings import Recording
from tests.real.scoring import score

# CASTMIND_DEVICE=cuda transcribes on the GPU. The limits are those of a CPU: docs/benchmarks.md lists the ones that a GPU
# was seen to miss.
DEVICE: Device = "cuda" if os.environ.get("CASTMIND_DEVICE") == "cuda" else "cpu"
COMPUTE_TYPE = "int8" if DEVICE == "cpu" else "auto"

# (model, recording, transcript) of all transcriptions of this run, for the table at its end.
HEARD: list[tuple[str, Recording, Transcript]] = []


class Ears:
    """One model in its own worker; transcribes each recording once, however many tests use it."""

    def __init__(self, model: Path) -> None:
        self.model = model
        self.client = SpeechClient()
        self._heard: dict[Path, Transcript] = {}

    def hear(self, recording: Recording) -> Transcript:
        if recording.path not in self._heard:
            self._heard[recording.path] = self._transcribe(recording.path)
            HEARD.append((self.model.name, recording, self._heard[recording.path]))
        return self._heard[recording.path]

    def _transcribe(self, media: Path) -> Transcript:
        request = SpeechRequest(
            media, model=str(self.model), device=DEVICE, compute_type=COMPUTE_TYPE, models_dir=self.model.parent / "no-others"
        )
        windows: list[Window] = []
        return self.client.transcribe(
            request, windows, on_window=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False
        )


def ears(name: str) -> Iterator[Ears]:
    folder = real_models.find(name)
    if folder is None:
        missing = f"The speech model {name} is not in {real_models.cache()}: `make test-real` downloads it."
        if os.environ.get("CASTMIND_REAL_REQUIRED"):
            pytest.fail(missing)
        pytest.skip(missing)
    listening = Ears(folder)
    yield listening
    listening.client.stop()


@pytest.fixture(scope="session")
def base() -> Iterator[Ears]:
    """Return Whisper base, which is multilingual."""
    yield from ears("base")


@pytest.fixture(scope="session")
def tiny_en() -> Iterator[Ears]:
    """Return Whisper tiny.en, which knows English only."""
    yield from ears("tiny.en")


def recording(name: str) -> Recording:
    """Return a recording made here, one of the voices' build.py, or a clip; skip if the voices are missing."""
    if name.startswith(("made-", "none-made-")):
        return recordings.of_ours()[name]
    if (why := recordings.no_voices()) is not None:
        pytest.skip(why)
    found = recordings.of_clips()
    return found[name] if name in found else recordings.of_voices()[name]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the scores by kind of error, which also show the margin of passed tests."""
    if HEARD:
        terminalreporter.section("what was heard")
    for model, played, transcript in HEARD:
        covered = transcript.speech_coverage
        share = f"{covered.share:.1%} of {covered.speech:.1f} s of speech has words" if covered and covered.speech else ""
        counted = score(played.reference, transcript.text)
        terminalreporter.write_line(f"{model:8} {played.name:22} {counted} {share}")
        lost, errors = thresholds.AIMS.get(played.name, (1.0, 1.0)) if model == "base" else (1.0, 1.0)
        if counted.share(counted.lost) > lost or counted.share(counted.errors) > errors:
            terminalreporter.write_line(f"{'':8} aimed at: {errors:.1%} errors, {lost:.1%} lost")

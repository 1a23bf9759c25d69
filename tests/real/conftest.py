"""Real models behind the app's front door, and recordings to play to them.

A model or voices that are not there skip the tests that want them, with a sentence that says what to do. With
CASTMIND_REAL_REQUIRED=1 a missing model fails instead.
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

# CASTMIND_DEVICE=cuda has the card hear them, as it would at home. The limits are those of a processor: docs/benchmarks.md says
# which of them a card was seen to miss.
DEVICE: Device = "cuda" if os.environ.get("CASTMIND_DEVICE") == "cuda" else "cpu"
COMPUTE_TYPE = "int8" if DEVICE == "cpu" else "auto"

# (model, recording, transcript) of all that was heard in this run, for the table at its end.
HEARD: list[tuple[str, Recording, Transcript]] = []


class Ears:
    """One model in a worker of its own; hears each recording once, however many tests ask."""

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
    """Whisper base, many languages."""
    yield from ears("base")


@pytest.fixture(scope="session")
def tiny_en() -> Iterator[Ears]:
    """Whisper tiny.en, which knows English only."""
    yield from ears("tiny.en")


def recording(name: str) -> Recording:
    """One that was made here, of the voices' build.py, or a clip; skips when the voices are not there."""
    if name.startswith(("made-", "none-made-")):
        return recordings.of_ours()[name]
    if (why := recordings.no_voices()) is not None:
        pytest.skip(why)
    found = recordings.of_clips()
    return found[name] if name in found else recordings.of_voices()[name]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was heard, by kind of error: what passes shows here how nearly it did."""
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

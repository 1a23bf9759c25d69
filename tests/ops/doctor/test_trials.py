"""The doctor's notes against an Ollama that behaves, one that lies and one that breaks; its report as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.llm.ollama import OllamaClient
from core.ops.doctor import trials
from core.ops.notes_trial import sample_transcript
from core.pipeline.gpu import Card, GpuLease
from core.settings import Settings
from core.speech.client.client import SpeechClient
from tests.fakes.ollama import FakeOllama


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def settings(fake: FakeOllama, folder: Path) -> Settings:
    return Settings(data_dir=folder, ollama_host=fake.url, whisper_model="demo", device="cpu")


def notes(fake: FakeOllama, folder: Path) -> trials.Report:
    values = settings(fake, folder)
    gpu = GpuLease(SpeechClient(), card=Card, ollama=lambda: OllamaClient(fake.url), on_processor=lambda client, model: True)
    report = trials.notes(values, version="1.2.3", say=lambda _: None, gpu=gpu)
    assert gpu.state().holder is None
    return report


def test_the_samples_are_whole_transcripts() -> None:
    for language in trials.SAMPLE_LANGUAGES:
        transcript = sample_transcript(language)
        assert transcript.language == language and len(transcript.segments) >= 15
        assert all(a.end <= b.start for a, b in zip(transcript.segments, transcript.segments[1:], strict=False))


def test_an_honest_model_is_reported_as_verified(fake: FakeOllama, tmp_path: Path) -> None:
    report = notes(fake, tmp_path)
    assert report.passed
    assert [(run["language"], run["verified share"], run["coverage"]) for run in report.runs] == [("en", 1, 1), ("zh", 1, 1)]
    assert report.facts["model"] == "qwen2.5:7b" and report.facts["num_ctx"] == 8192
    assert set(report.evidence) == {"en", "zh"}


def test_a_model_that_lies_is_reported_as_it_is(fake: FakeOllama, tmp_path: Path) -> None:
    fake.behave(lies="stubborn")
    assert [run["verified share"] for run in notes(fake, tmp_path).runs] == [0, 0]


def test_a_model_that_breaks_is_kept_in_the_report(fake: FakeOllama, tmp_path: Path) -> None:
    fake.behave(answers="broken")
    report = notes(fake, tmp_path)
    assert not report.passed
    assert all("ollama_bad_answer" in run["error"] for run in report.runs)


def test_a_missing_model_says_what_to_do(fake: FakeOllama, tmp_path: Path) -> None:
    fake.models.clear()
    with pytest.raises(errors.OllamaModelMissing, match="ollama pull"):
        notes(fake, tmp_path)


def test_a_report_is_kept_as_markdown_and_json(fake: FakeOllama, tmp_path: Path) -> None:
    path = notes(fake, tmp_path).keep(tmp_path / "reports")
    assert "| language | segments |" in path.read_text()
    body = json.loads(path.with_suffix(".json").read_text())
    assert body["kind"] == "notes" and body["runs"][0]["coverage"] == 1 and body["evidence"]["zh"]["points"]
    assert fake.url not in path.read_text() + path.with_suffix(".json").read_text()

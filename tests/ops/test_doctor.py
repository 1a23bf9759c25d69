"""The doctor's notes against an Ollama that behaves, one that lies and one that breaks; its report as files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from core import errors
from core.llm.ollama import OllamaClient
from core.ops import doctor
from core.ops.notes_trial import sample_transcript
from core.pipeline.gpu import Card, GpuLease
from core.settings import Settings
from core.speech.client.client import SpeechClient
from tests.fakes.ollama import FakeOllama
from tests.ops.backup import library


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def settings(fake: FakeOllama, folder: Path) -> Settings:
    return Settings(data_dir=folder, ollama_host=fake.url, whisper_model="demo", device="cpu")


def notes(fake: FakeOllama, folder: Path) -> doctor.Report:
    values = settings(fake, folder)
    gpu = GpuLease(SpeechClient(), card=Card, ollama=lambda: OllamaClient(fake.url), on_processor=lambda client, model: True)
    report = doctor.notes(values, version="1.2.3", say=lambda _: None, gpu=gpu)
    assert gpu.state().holder is None
    return report


def test_the_samples_are_whole_transcripts() -> None:
    for language in doctor.SAMPLE_LANGUAGES:
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


def test_the_command_keeps_a_report_of_notes(fake: FakeOllama, tmp_path: Path) -> None:
    done = run("doctor", "--notes", folder=tmp_path, OLLAMA_HOST=fake.url)
    assert done.returncode == 0, done.stderr
    assert "verified share" in done.stdout
    assert sorted(p.suffix for p in (tmp_path / "reports").iterdir()) == [".json", ".md"]


def test_the_command_says_what_works(fake: FakeOllama, tmp_path: Path) -> None:
    done = run("doctor", folder=tmp_path, OLLAMA_HOST=fake.url, CASTMIND_WHISPER_MODEL="demo", CASTMIND_DEVICE="cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = {line.split()[1]: line for line in done.stdout.splitlines()}
    assert set(lines) == {"speech", "ollama", "disk", "data_folder", "library", "ffmpeg", "web_pages"}
    assert "demo on cpu" in lines["speech"] and "qwen2.5:7b" in lines["ollama"]


def test_the_extra_is_named_and_its_absence_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    there = doctor._web_pages()
    assert (there.status, there.code) == ("pass", "installed") and metadata.version("yt-dlp") in there.output
    monkeypatch.setattr(doctor.web_page, "installed", lambda: False)
    assert (doctor._web_pages().status, doctor._web_pages().code) == ("pass", "not_installed")


def test_the_command_measures_speech_and_scores_the_demo_model(tmp_path: Path) -> None:
    done = run("doctor", "--speech", folder=tmp_path, CASTMIND_WHISPER_MODEL="demo", CASTMIND_DEVICE="cpu")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "reports").glob("speech-*.json")
    report = json.loads(path.read_text())
    assert [run["language"] for run in report["runs"]] == ["en", "zh"]
    for measured in report["runs"]:
        assert measured["wrong"] <= 0.05 * measured["words"]
        assert measured["real-time factor"] > 0 and measured["worker memory, peak (MiB)"] > 50
    assert report["facts"]["compute type"] and report["facts"]["device"].startswith("cpu")


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"CASTMIND_DATA_DIR": str(folder)} | environment,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("content", "code"), [(None, "library_missing"), (b"", "library_missing"), (b"broken" * 999, "database_damaged")]
)
def test_a_library_that_a_start_would_not_find_is_named(tmp_path: Path, content: bytes | None, code: str) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "talk.mp3").write_bytes(b"sound")
    if content is not None:
        (tmp_path / "castmind.db").write_bytes(content)
    check = doctor._library(library.settings_of(tmp_path))
    assert (check.status, check.code) == ("fail", code) and "castmind.db" in check.output
    assert doctor._library(library.settings_of(tmp_path / "elsewhere")).status == "pass"

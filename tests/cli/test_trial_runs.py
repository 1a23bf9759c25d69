"""The trials of `python -m core doctor` as somebody at a terminal meets them: each keeps a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import __main__ as command_line
from tests.fakes.ollama import FakeOllama


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"CASTMIND_DATA_DIR": str(folder)} | environment,
        timeout=300,
    )


@pytest.mark.long
def test_the_command_keeps_a_report_of_notes(fake: FakeOllama, tmp_path: Path) -> None:
    done = run("doctor", "--notes", folder=tmp_path, OLLAMA_HOST=fake.url)
    assert done.returncode == 0, done.stderr
    assert "verified share" in done.stdout
    assert sorted(p.suffix for p in (tmp_path / "reports").iterdir()) == [".json", ".md"]


@pytest.mark.long
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


@pytest.mark.long
def test_a_trial_that_does_not_pass_ends_with_one_and_keeps_its_report_all_the_same(
    fake: FakeOllama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.behave(answers="broken")
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OLLAMA_HOST", fake.url)
    assert command_line.main(["doctor", "--notes"]) == 1
    said = capsys.readouterr()
    assert "ollama_bad_answer" in said.out and "Kept in" in said.err
    assert sorted(path.suffix for path in (tmp_path / "reports").iterdir()) == [".json", ".md"]


def test_a_trial_that_cannot_begin_says_what_to_do_and_keeps_no_report(
    fake: FakeOllama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.models.clear()
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OLLAMA_HOST", fake.url)
    assert command_line.main(["doctor", "--notes"]) == 1
    assert "ollama pull" in capsys.readouterr().err and not (tmp_path / "reports").exists()

"""Requests and results as they cross the pipe to the worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.message import Message
from core.speech.request import Probe, Progress, SpeechRequest


def crossed(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(row))
    return found


def test_a_request_has_absolute_paths_on_the_other_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    request = SpeechRequest(Path("a.mp3"), model="demo", language="zh", models_dir=Path("models"), coming=Path("b.mp3"))
    found = SpeechRequest.from_dict(crossed(request.to_dict()))
    assert (found.media, found.models_dir, found.coming) == (tmp_path / "a.mp3", tmp_path / "models", tmp_path / "b.mp3")
    assert (found.model, found.language, found.chinese_script) == ("demo", "zh", "simplified")


def test_a_request_without_a_next_one_names_none(tmp_path: Path) -> None:
    request = SpeechRequest(tmp_path / "a.mp3", models_dir=tmp_path)
    assert SpeechRequest.from_dict(crossed(request.to_dict())) == request


def test_progress_comes_back_and_what_it_does_not_know_is_left_aside() -> None:
    progress = Progress("transcribing", 0.5, 30.0, 60.0, eta=4.0, real_time_factor=0.1)
    assert Progress.from_dict(crossed(progress.to_dict() | {"mood": "calm"})) == progress
    assert Progress.from_dict({"phase": "loading"}) == Progress("loading")


def test_the_reasons_of_a_probe_keep_the_keys_of_their_translations() -> None:
    reason = Message(
        "The CPU is used: there is no card", "speech.cpu_for_want_of_card", problem=Message("no card", "speech.no_card")
    )
    probe = Probe("cpu", "CPU", "int8", "demo", True, reason, cuda_error=None, cpu_count=4)
    found = Probe.from_dict(crossed(probe.to_dict()))
    assert found == probe
    assert isinstance(found.reason, Message) and found.reason.key == reason.key
    assert isinstance(found.reason.params["problem"], Message)
    assert found.tried and not Probe("cpu", "CPU", "", "demo", False, "It broke.").tried

"""Downloading a model: over real HTTP from a hub that may misbehave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.speech.models import hub, model_choice
from tests.fakes.model_hub import ModelHub
from tests.speech.conftest import SAMPLES, Listener

NAME = "Systran/faster-whisper-tiny"


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelHub]:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-cache"))
    with ModelHub(model_choice.DEMO, NAME) as server:
        yield server


def get(remote: ModelHub, folder: Path, model: str = "tiny") -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    hub.download(model, folder, remote.url, lambda done, total: seen.append((done, total)))
    return seen


def test_a_download_is_whole_and_tells_its_bytes(remote: ModelHub, tmp_path: Path) -> None:
    seen = get(remote, tmp_path)
    assert model_choice.find("tiny", tmp_path) == tmp_path / "tiny"
    assert [p.name for p in tmp_path.iterdir()] == ["tiny"]
    assert not (tmp_path / "tiny" / "README.md").exists()
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] == sum(f.stat().st_size for f in model_choice.DEMO.iterdir())


def test_a_broken_download_is_never_taken_for_a_model_and_goes_on(remote: ModelHub, tmp_path: Path) -> None:
    remote.break_after = 2_000_000
    with pytest.raises(errors.SpeechModelMissing, match="HF_ENDPOINT"):
        get(remote, tmp_path)
    assert model_choice.find("tiny", tmp_path) is None
    remote.break_after = None
    get(remote, tmp_path)
    assert model_choice.find("tiny", tmp_path)
    begins = [int(first.removeprefix("bytes=").rstrip("-")) for path, first in remote.requests if first and "/cdn/" in path]
    assert any(1_900_000 < begin <= 2_000_000 for begin in begins)


def test_damaged_weights_are_thrown_away(remote: ModelHub, tmp_path: Path) -> None:
    remote.damage = True
    with pytest.raises(errors.SpeechModelMissing, match="damaged"):
        get(remote, tmp_path)
    remote.damage = False
    get(remote, tmp_path)
    assert (tmp_path / "tiny" / "model.bin").read_bytes() == (model_choice.DEMO / "model.bin").read_bytes()


def test_a_folder_begun_by_hand_is_completed(remote: ModelHub, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    shutil.copy(model_choice.DEMO / "config.json", tmp_path / "tiny")
    get(remote, tmp_path)
    assert model_choice.find("tiny", tmp_path)


@pytest.mark.parametrize(("status", "said"), [(404, "404"), (503, "503")])
def test_a_hub_that_refuses(remote: ModelHub, tmp_path: Path, status: int, said: str) -> None:
    remote.status = status
    with pytest.raises(errors.SpeechModelMissing, match=said):
        get(remote, tmp_path)


def test_a_name_that_nobody_knows(remote: ModelHub, tmp_path: Path) -> None:
    with pytest.raises(errors.SpeechModelMissing, match="neither a known name nor a folder"):
        get(remote, tmp_path, "humongous")
    assert remote.requests == []


def test_a_full_disk(remote: ModelHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "SPARE_BYTES", 1 << 60)
    with pytest.raises(errors.DiskFull):
        get(remote, tmp_path)


def test_through_the_worker_a_missing_model_downloads_and_transcribes(
    listener: Listener, remote: ModelHub, tmp_path: Path
) -> None:
    offline = {"models_dir": tmp_path, "hf_endpoint": "http://127.0.0.1:9", "model": "tiny"}
    with pytest.raises(errors.SpeechModelMissing, match="put the model's files into"):
        listener.hear(SAMPLES / "en_short.wav", **offline)
    transcript = listener.hear(SAMPLES / "en_short.wav", **(offline | {"hf_endpoint": remote.url}))
    assert transcript.engine.model == "tiny"
    assert transcript.text.startswith("Henry will write the report")
    assert listener.progress[-1].phase == "transcribing"
    assert any(p.phase == "downloading" and p.done_bytes == p.total_bytes > 0 for p in listener.progress)


def test_a_model_that_cannot_be_loaded_says_so(listener: Listener, tmp_path: Path) -> None:
    shutil.copytree(model_choice.DEMO, tmp_path / "broken")
    (tmp_path / "broken" / "model.bin").write_bytes(b"no weights")
    with pytest.raises(errors.SpeechModelUnusable, match="choose another model"):
        listener.hear(SAMPLES / "en_short.wav", model=str(tmp_path / "broken"))

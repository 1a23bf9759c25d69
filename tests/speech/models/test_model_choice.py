"""Which model, and where it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.speech.models import model_choice
from core.speech.models.hardware import GraphicsCard, Hardware, look

GIB = model_choice.GIB


def machine(cores: int, memory: float, card: float = 0.0) -> Hardware:
    found = GraphicsCard("RTX", int(card * GIB), int(card * GIB), (8, 6)) if card else None
    return Hardware(cores=cores, memory=int(memory * GIB), cpu_name="CPU", card=found)


@pytest.mark.parametrize(
    ("hardware", "device", "compute_type", "model"),
    [
        (machine(8, 32, 12), "cuda", "float16", "large-v3-turbo"),
        (machine(8, 32, 4), "cuda", "int8_float16", "large-v3-turbo"),
        (machine(8, 32, 4), "cuda", "float16", "small"),
        (machine(8, 32, 3), "cuda", "int8_float32", "medium"),
        (machine(8, 32, 2), "cuda", "float16", "base"),
        (machine(8, 32, 12), "cpu", "int8", "small"),
        (machine(2, 8), "cpu", "int8", "base"),
        (machine(8, 3), "cpu", "int8", "base"),
        (machine(1, 1), "cpu", "int8", "tiny"),
    ],
)
def test_auto_by_hardware(hardware: Hardware, device: str, compute_type: str, model: str) -> None:
    choice = model_choice.choose(hardware, device, compute_type)
    assert choice.model == model
    assert choice.reason


def test_this_machine_is_read() -> None:
    here = look()
    assert here.cores >= 1 and here.memory > GIB / 4
    assert here.card or here.card_error


def test_a_model_is_found_by_name_folder_cache_or_alias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    here = tmp_path / "models"
    assert model_choice.find("small", here) is None
    assert model_choice.find("demo", here) == model_choice.DEMO
    assert model_choice.find(str(model_choice.DEMO), here) == model_choice.DEMO
    shutil.copytree(model_choice.DEMO, here / "large-v3-turbo")
    assert model_choice.find("turbo", here) == here / "large-v3-turbo"
    snapshot = tmp_path / "cache" / "models--Systran--faster-whisper-base" / "snapshots" / "abc"
    shutil.copytree(model_choice.DEMO, snapshot)
    assert model_choice.find("base", here) == snapshot


def test_half_a_model_is_none(tmp_path: Path) -> None:
    shutil.copytree(model_choice.DEMO, tmp_path / "small")
    (tmp_path / "small" / "tokenizer.json").unlink()
    assert model_choice.find("small", tmp_path) is None

"""The card and why it is not used, the model and whether it is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.message import Message
from core.ops.doctor import speech_parts
from core.speech import device_messages
from tests.ops.doctor.conftest import PROBE, MakePatient, codes


def bus(folder: Path) -> Path:
    """Return a folder like /sys, with a card of NVIDIA."""
    device = folder / "bus/pci/devices/0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text("0x030000\n")
    return folder


@pytest.mark.parametrize(
    ("error", "driver", "container", "code"),
    [
        (device_messages.NO_DRIVER, False, False, "card.no_driver"),
        (device_messages.NO_DRIVER, True, True, "card.no_toolkit"),
        (device_messages.NO_DRIVER, True, False, "card.no_library"),
        (device_messages.NO_CARD, True, True, "card.no_toolkit"),
        (device_messages.driver_too_old("cuInit"), True, False, "card.old_driver"),
        (device_messages.card_fails("Library libcublas.so.12 is not found"), True, False, "card.no_cublas"),
        (device_messages.card_fails("unspecified launch failure"), True, False, "card.fails"),
    ],
)
def test_the_cause_of_an_unused_card_is_told(
    make: MakePatient, tmp_path: Path, error: Message, driver: bool, container: bool, code: str
) -> None:
    if driver:
        (tmp_path / "driver/nvidia").mkdir(parents=True)
        (tmp_path / "driver/nvidia/version").write_text("NVRM version: 550")
    patient = make(proc=tmp_path, sys=bus(tmp_path / "sys"), container=container, probe=lambda: replace(PROBE, cuda_error=error))
    found = codes(speech_parts.speech, patient)
    assert found[code].status == "warn" and found[code].params["error"] == error
    wanted = replace(patient, loaded=make(device="cuda").loaded)
    assert codes(speech_parts.speech, wanted)[code].status == "fail"


def test_a_computer_without_a_card_misses_nothing(make: MakePatient, tmp_path: Path) -> None:
    none = make(sys=tmp_path, probe=lambda: replace(PROBE, cuda_error=device_messages.NO_DRIVER))
    assert codes(speech_parts.speech, none)["card.none"].status == "pass"
    assert codes(speech_parts.speech, make(sys=tmp_path))["card.none"].status == "pass"
    assert "card.not_wanted" in codes(speech_parts.speech, make(sys=tmp_path, device="cpu"))


def test_a_card_in_use_is_named(make: MakePatient) -> None:
    used = make(probe=lambda: replace(PROBE, device="cuda", device_name="RTX 3060", compute_type="float16"))
    assert codes(speech_parts.speech, used)["card.used"].params == {"card": "RTX 3060", "compute_type": "float16"}


def test_a_model_is_whole_broken_or_absent(make: MakePatient) -> None:
    patient = make(probe=lambda: replace(PROBE, model="tiny"))
    assert codes(speech_parts.model, patient)["model.absent"].status == "warn"
    folder = patient.data / "models" / "tiny"
    folder.mkdir(parents=True)
    assert codes(speech_parts.model, patient)["model.broken"].params["folder"] == str(folder)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("x")
    assert "model.here" in codes(speech_parts.model, patient)
    (folder / "model.bin").write_text("")
    assert codes(speech_parts.model, patient)["model.broken"].status == "fail"
    assert "model.bundled" in codes(speech_parts.model, make())

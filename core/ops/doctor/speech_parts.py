"""The graphics card and the speech model: whether they are used, and why not.

probe ─▶ the check of /health ─▶ not used? ─▶ the cause by what the kernel shows: no driver │ no toolkit │ a library │ the card
"""

from __future__ import annotations

from collections.abc import Iterator

from core.message import Message
from core.ops import part_checks
from core.ops.doctor.finding import Finding, Patient, bad, fine, odd, text_of
from core.speech.models import model_choice
from core.speech.request import DEMO_MODEL, Probe

NVIDIA = "0x10de"
# Classes of PCI that draw or compute: display controllers.
DISPLAY = "0x03"


def speech(patient: Patient) -> Iterator[Finding]:
    probe = patient.probe()
    yield Finding.of("speech", part_checks.speech(probe))
    yield from _card(patient, probe)


def _card(patient: Patient, probe: Probe) -> Iterator[Finding]:
    if probe.device == "cuda":
        yield fine("card.used", card=probe.device_name, compute_type=probe.compute_type)
        return
    if patient.settings.device == "cpu":
        yield fine("card.not_wanted")
        return
    here = on_bus(patient)
    if not here and not probe.cuda_error:
        yield fine("card.none")
        return
    wanted = patient.settings.device == "cuda"
    error: str = probe.cuda_error or ""
    cause = _cause(patient, error, here=here)
    if cause == "card.none" and not wanted:
        yield fine("card.none")
        return
    yield Finding("fail" if wanted else "warn", cause, {"error": error or "?"})


def _cause(patient: Patient, error: str, *, here: bool) -> str:
    key = error.key if isinstance(error, Message) else ""
    driver = bool(text_of(patient.proc / "driver/nvidia/version"))
    if key in ("speech.no_driver", "") and here and not driver:
        return "card.no_driver"
    if key == "speech.no_driver" and (here or driver):
        return "card.no_toolkit" if patient.container else "card.no_library"
    if key in ("speech.no_driver", "speech.no_card"):
        return "card.no_toolkit" if here and patient.container else "card.none"
    if key == "speech.driver_too_old":
        return "card.old_driver"
    if "cublas" in str(error).lower():
        return "card.no_cublas"
    return "card.fails"


def on_bus(patient: Patient) -> bool:
    """Return whether the kernel lists a card of NVIDIA, also without its driver; WSL2 shows it as /dev/dxg instead."""
    for device in (patient.sys / "bus/pci/devices").glob("*"):
        if text_of(device / "vendor").strip() == NVIDIA and text_of(device / "class").startswith(DISPLAY):
            return True
    return False


def model(patient: Patient) -> Iterator[Finding]:
    """Check whether the model in use is on this computer, and whole."""
    name, folder = patient.probe().model, patient.data / "models"
    if not name or name == DEMO_MODEL:
        yield fine("model.bundled")
        return
    found = model_choice.find(name, folder)
    own = folder / model_choice.folder_name(name)
    if found is not None and (found / "model.bin").stat().st_size:
        yield fine("model.here", model=name)
    elif found is not None or own.is_dir():
        yield bad("model.broken", model=name, folder=str(found or own))
    else:
        yield odd("model.absent", model=name)

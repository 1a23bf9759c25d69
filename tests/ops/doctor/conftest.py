"""A filled data folder, and an installation to examine whose kernel, device and Ollama are made up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.domain.notes.ollama_state import OllamaState
from core.message import Message
from core.ops.backup.backups import Backups
from core.ops.doctor.finding import Finding, Look, Patient
from core.speech.request import Probe
from tests.ops.backup import library

PROBE = Probe("cpu", "A processor", "int8", "demo", True, Message("because"), memory=8 << 30)
NO_OLLAMA = OllamaState(None, "", (), None, "", ())

MakePatient = Callable[..., Patient]


@pytest.fixture
def make(tmp_path: Path) -> MakePatient:
    """Make a patient over `tmp_path/data`; keywords that are settings become settings, others fields of Patient."""

    def made(**changes: Any) -> Patient:
        fields = {name: changes.pop(name) for name in list(changes) if name in Patient.__dataclass_fields__}
        data = tmp_path / "data"
        changes = {"device": "auto", "notes_engine": "auto"} | changes
        given = {f"CASTMIND_{name.upper()}": str(value) for name, value in changes.items()}
        loaded = settings.load(environ={"CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"} | given)
        patient = Patient(
            loaded=loaded,
            now=time.time(),
            probe=lambda: PROBE,
            ollama=lambda: NO_OLLAMA,
            backups=Backups(data, lambda: loaded.values),
            container=False,
            serving=False,
        )
        return replace(patient, **fields)

    return made


@pytest.fixture
def patient(make: MakePatient) -> Patient:
    return make()


@pytest.fixture
def filled(make: MakePatient, tmp_path: Path) -> Patient:
    """A patient with a library of four episodes."""
    library.fill(tmp_path / "data")
    return make()


def codes(look: Look, patient: Patient) -> dict[str, Finding]:
    """Return the findings of an examination by code."""
    return {finding.code: finding for finding in look(patient)}

"""The installation as a command sees it."""

from __future__ import annotations

from pathlib import Path

from core import settings
from core.ops.doctor import standalone
from core.speech.client.client import SpeechClient


def test_nothing_is_asked_before_an_examination_asks(tmp_path: Path) -> None:
    loaded = settings.load(environ={"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test"})
    client = SpeechClient()
    patient = standalone.patient(loaded, client, clock=lambda: 5.0)
    assert (patient.now, patient.data, patient.serving) == (5.0, tmp_path, False)
    assert client.status().running is False and not (tmp_path / ".lock").exists()

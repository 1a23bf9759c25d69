"""A file is measured in a process of its own; whatever happens to it becomes an error that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import MediaUnreadable, Transient
from core.sandbox import Ended
from core.speech.audio import waveform
from core.speech.audio.waveform import measure

SAMPLE = Path(__file__).resolve().parents[3] / "demo" / "samples" / "en_short.wav"


def test_a_recording_has_loud_and_quiet_parts() -> None:
    found = measure(SAMPLE)
    assert 30 < len(found) < 100
    assert max(found) == 255
    assert min(found) < 60


def test_a_file_without_audio_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.mp3").write_bytes(b"no audio")
    with pytest.raises(MediaUnreadable, match=r"no\.mp3 cannot be measured"):
        measure(tmp_path / "no.mp3")


@pytest.mark.parametrize(
    ("ended", "error"),
    [
        (Ended(-11, b"", "crash"), MediaUnreadable),
        (Ended(-9, b"", "", late=True), MediaUnreadable),
        (Ended(-15, b"", ""), Transient),
    ],
)
def test_how_the_process_ended_decides_the_error(ended: Ended, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waveform, "run", lambda *_, **__: ended)
    with pytest.raises(error):
        measure(SAMPLE)

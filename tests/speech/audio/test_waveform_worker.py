"""Levels of a file: where it is loud, whatever the size of the blocks, and nothing for silence."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from core.speech.audio import waveform_worker
from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE
from core.speech.audio.waveform_worker import FRAME, NONE, POINTS, levels, main

SAMPLE = Path(__file__).resolve().parents[3] / "demo" / "samples" / "en_short.wav"


def tone(seconds: float, loud: float) -> Samples:
    return np.full(round(seconds * RATE), loud, np.float32)


def test_a_part_is_as_high_as_it_is_loud() -> None:
    found = levels([tone(10, 0.1), tone(10, 0.4), tone(10, 0)], points=3)
    assert list(found) == pytest.approx([64, 255, 0], abs=6)


@pytest.mark.parametrize("size", [FRAME - 1, FRAME, 7 * FRAME + 3])
def test_the_size_of_the_blocks_does_not_matter(size: int) -> None:
    sound = np.concatenate([tone(1, 0.1), tone(1, 0.3), tone(0.05, 0.2)])
    pieces = [sound[at : at + size] for at in range(0, len(sound), size)]
    assert levels(pieces, points=5) == levels([sound], points=5)


@pytest.mark.parametrize(
    ("sound", "count"), [(tone(0, 0), 0), (tone(0.05, 0.5), 1), (tone(3, 0.5), 30), (tone(200, 0.5), POINTS)]
)
def test_a_short_file_has_fewer_levels(sound: Samples, count: int) -> None:
    assert len(levels([sound])) == count


def test_silence_and_broken_samples_are_flat() -> None:
    assert levels([tone(2, 5e-5)]) == bytes(20)
    assert levels([np.full(2 * RATE, np.nan, np.float32)]) == bytes(20)


def test_a_single_bang_does_not_flatten_the_rest() -> None:
    found = levels([tone(60, 0.1), tone(0.1, 1.0), tone(60, 0.1)])
    assert min(found) == 255


def test_the_program_writes_the_levels_or_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Without the limits, which would hold for all tests of this process."""
    monkeypatch.setattr(waveform_worker, "enter", lambda **_: None)
    monkeypatch.setattr(sys, "argv", ["", str(SAMPLE)])
    assert main() == 0
    assert max(capfdbinary.readouterr().out) == 255
    (tmp_path / "no.mp3").write_bytes(b"no audio")
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "no.mp3")])
    assert main() == NONE
    assert b"cannot be opened" in capfdbinary.readouterr().err

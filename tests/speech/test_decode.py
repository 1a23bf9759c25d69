"""Decoding: the same samples from anywhere, the player's clock, damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaUnreadable
from core.speech.decode import RATE, AudioStream, Samples
from tests.speech.conftest import SAMPLES, ffmpeg


def decode(path: Path, start: int = 0) -> Samples:
    stream = AudioStream(path)
    try:
        return np.concatenate([np.zeros(0, np.float32), *stream.blocks(start)])
    finally:
        stream.close()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("cbr.mp3", ["-b:a", "64k"]),
        ("vbr.mp3", ["-q:a", "5", "-write_xing", "0"]),
        ("a.m4a", ["-c:a", "aac", "-b:a", "64k"]),
        ("a.opus", ["-c:a", "libopus"]),
        ("a.flac", ["-ar", "22050"]),
        ("a.wav", ["-ar", "11025"]),
    ],
)
def test_a_start_inside_gives_the_very_samples_of_a_run_from_zero(tmp_path: Path, name: str, options: list[str]) -> None:
    path = tmp_path / name
    ffmpeg("-i", SAMPLES / "en_episode.mp3", "-t", "60", *options, path)
    whole = decode(path)
    assert len(whole) / RATE == pytest.approx(60.0, abs=0.1)
    for start in (1000, 5 * RATE + 7, 41 * RATE + 123, len(whole) - 5000):
        assert np.array_equal(decode(path, start), whole[start:])
    assert len(decode(path, len(whole))) == 0


def test_a_gap_in_the_time_stamps_becomes_silence(tmp_path: Path) -> None:
    ffmpeg("-i", SAMPLES / "en_short.wav", "-af", "aselect='lt(t,2)+gt(t,3)'", "-c:a", "pcm_s16le", tmp_path / "gap.mkv")
    samples = decode(tmp_path / "gap.mkv")
    assert len(samples) / RATE == pytest.approx(5.27, abs=0.2)
    assert np.abs(samples[int(2.2 * RATE) : int(2.8 * RATE)]).max() == 0


def test_a_damaged_middle_is_left_out_and_the_rest_keeps_its_time(tmp_path: Path) -> None:
    data = bytearray((SAMPLES / "zh_episode.mp3").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = bytes(20_000)
    (tmp_path / "hurt.mp3").write_bytes(data)
    whole, hurt = decode(SAMPLES / "zh_episode.mp3"), decode(tmp_path / "hurt.mp3")
    assert abs(len(hurt) - len(whole)) / RATE < 3.0


def test_what_holds_no_frames_is_unreadable(tmp_path: Path) -> None:
    header = (SAMPLES / "en_short.wav").read_bytes()[:44]
    (tmp_path / "header.wav").write_bytes(header)
    with pytest.raises(MediaUnreadable):
        decode(tmp_path / "header.wav")

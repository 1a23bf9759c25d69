"""Decoding: the same samples from anywhere, the player's clock, damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaUnreadable
from core.speech.audio.decode import AudioStream, Samples
from core.speech.audio.spans import RATE
from tests.speech.conftest import SAMPLES, ffmpeg


def decode(path: Path, start: int = 0, *, stereo: bool = False) -> Samples:
    stream = AudioStream(path)
    try:
        blocks = list(stream.blocks(start, stereo=stereo))
        return np.concatenate(blocks) if blocks else np.zeros((0, 2) if stereo else 0, np.float32)
    finally:
        stream.close()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vbr.mp3", ["-q:a", "5", "-write_xing", "0"]),
        pytest.param("cbr.mp3", ["-b:a", "64k"], marks=pytest.mark.long),
        pytest.param("a.m4a", ["-c:a", "aac", "-b:a", "64k"], marks=pytest.mark.long),
        pytest.param("a.opus", ["-c:a", "libopus"], marks=pytest.mark.long),
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


def two_voices(path: Path, *options: str | Path) -> Path:
    """Half a minute with English on the left and Mandarin on the right."""
    mono = "aresample=44100,pan=mono|c0=c0"
    join = f"[0:a]{mono}[l];[1:a]{mono}[r];[l][r]join=inputs=2:channel_layout=stereo,atrim=0:30"
    ffmpeg("-i", SAMPLES / "en_episode.mp3", "-i", SAMPLES / "zh_episode.mp3", "-filter_complex", join, *options, path)
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", ["-b:a", "128k"]),
        pytest.param("a.m4a", ["-c:a", "aac", "-b:a", "128k"], marks=pytest.mark.long),
        ("a.flac", []),
        ("a.wav", ["-ar", "11025", "-c:a", "pcm_u8"]),
        pytest.param("a.mkv", ["-c:a", "vorbis", "-strict", "-2"], marks=pytest.mark.long),
    ],
)
def test_two_channels_are_kept_apart_from_anywhere(tmp_path: Path, name: str, options: list[str]) -> None:
    path = two_voices(tmp_path / name, *options)
    both, mono = decode(path, stereo=True), decode(path)
    assert both.shape == (len(mono), 2)
    assert np.array_equal(both.mean(axis=1), mono)
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.1
    for start in (1000, 21 * RATE + 123, len(mono)):
        assert np.array_equal(decode(path, start, stereo=True), both[start:])
    assert np.array_equal(decode(path, 5 * RATE + 7), mono[5 * RATE + 7 :])


@pytest.mark.long
def test_each_channel_is_what_it_was(tmp_path: Path) -> None:
    both = decode(two_voices(tmp_path / "a.flac"), stereo=True)
    for channel, name in enumerate(("en_episode.mp3", "zh_episode.mp3")):
        alone = decode(SAMPLES / name, stereo=True)[: len(both), 0]
        assert np.corrcoef(both[: len(alone), channel], alone)[0, 1] > 0.99


@pytest.mark.parametrize("layout", ["mono", "5.1", "3.0"])
def test_other_numbers_of_channels_are_mixed(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "a.flac"
    ffmpeg("-i", SAMPLES / "en_short.wav", "-af", f"aformat=channel_layouts={layout}", path)
    stream = AudioStream(path)
    assert stream.channels == 1
    stream.close()
    assert decode(path, stereo=True).ndim == 1
    assert np.array_equal(decode(path, stereo=True), decode(path))


@pytest.mark.parametrize(
    "order", [("stereo", "mono"), *(pytest.param(one, marks=pytest.mark.long) for one in (("mono", "stereo"), ("stereo", "5.1")))]
)
def test_a_file_keeps_the_channels_that_it_begins_with(tmp_path: Path, order: tuple[str, str]) -> None:
    """Two streams of ADTS end to end are one file whose layout changes in its middle."""
    path = tmp_path / "a.aac"
    parts = []
    for layout in order:
        part = tmp_path / f"{layout}.aac"
        mix = {"mono": "pan=mono|c0=c0", "stereo": "pan=stereo|c0=c0|c1=c0", "5.1": "pan=5.1|FC=c0"}[layout]
        ffmpeg("-i", SAMPLES / "en_short.wav", "-af", mix, "-ar", "44100", "-c:a", "aac", part)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    samples = decode(path, stereo=True)
    assert samples.ndim == (1 if order[0] == "mono" else 2)
    mono = decode(path)
    assert np.array_equal(samples.mean(axis=1) if samples.ndim == 2 else samples, mono)
    half = len(mono) // 2
    levels = [float(np.sqrt(np.mean(part**2))) for part in (mono[:half], mono[half:])]
    assert levels[1] == pytest.approx(levels[0], rel=0.5 if "5.1" in order else 0.1)


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

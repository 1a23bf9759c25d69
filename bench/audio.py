"""Make long audio from the bundled samples."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent / "demo" / "samples" / "en_episode.mp3"


def spoken(target: Path, seconds: int) -> Path:
    """Repeat the three-minute sample as mp3 without re-encoding: hours of audio take one or two seconds to make."""
    looped = ["-stream_loop", "-1", "-i", str(SAMPLE), "-t", str(seconds), "-c", "copy"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *looped, str(target)], check=True)
    return target


def looped(target: Path, seconds: int, recordings: Sequence[Path]) -> Path:
    """Concatenate WAV files repeatedly, as mono FLAC at 16 kHz: ten hours take about a minute to make."""
    names = target.with_suffix(".txt")
    names.write_text("".join(f"file '{recording.absolute()}'\n" for recording in recordings))
    again = ["-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", str(names), "-t", str(seconds)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *again, "-ac", "1", "-ar", "16000", str(target)], check=True)
    return target


def silent_wav(target: Path, size: int) -> Path:
    """Write a silent WAV file of about `size` bytes, as a sparse file that takes no disk space."""
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        block = bytes(4_000_000)
        for _ in range(size // len(block)):
            file.writeframesraw(block)
    return target

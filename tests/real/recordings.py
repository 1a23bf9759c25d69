"""Recordings with known words: long ones of real voices, and ones that need no external voices.

    voices (../shared/real/speech or $CASTMIND_REAL_VOICES): clips.json, clips/, build.py ─▶ manifest.json and WAV files
    this project (tests/real/made.py): speech of espeak-ng and of the demo's grammar, noises without words

Both are cached in build/real-recordings under a hash of their sources, so that they are made once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parent.parent.parent
RATE = 16_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip in a recording, from its first to its last second there."""

    id: str
    start: float
    end: float
    reference: str
    language: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. `reference` is its text in order; `pieces` is empty if the start times are unknown."""

    name: str
    path: Path
    reference: str
    language: str
    duration: float
    pieces: tuple[Piece, ...] = ()

    def samples(self) -> np.ndarray:
        with wave.open(str(self.path), "rb") as file:
            frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, file.getnchannels())
        mono: np.ndarray = frames.mean(axis=1).astype(np.float32) / 32768
        return mono

    def to_dict(self) -> dict[str, Any]:
        """Return it as a row of a manifest."""
        pieces = [{"id": p.id, "start": p.start, "end": p.end, "ref": p.reference, "lang": p.language} for p in self.pieces]
        row = {"id": self.name, "file": self.path.name, "ref": self.reference, "lang": self.language}
        return row | {"duration": self.duration, "clips": pieces}


def voices() -> Path:
    return Path(os.environ.get("CASTMIND_REAL_VOICES") or PROJECT.parent / "shared" / "real" / "speech")


def no_voices() -> str | None:
    """Return a message if the real voices are missing; None if they exist."""
    if (voices() / "build.py").is_file() and (voices() / "clips.json").is_file():
        return None
    return f"The real voices are not at {voices()}; CASTMIND_REAL_VOICES names another folder with clips.json and build.py."


def clips() -> list[dict[str, Any]]:
    """Return the rows of clips.json; `file` is relative to the voices' folder."""
    rows: list[dict[str, Any]] = json.loads((voices() / "clips.json").read_text(encoding="utf-8"))
    return rows


@cache
def of_voices() -> dict[str, Recording]:
    """Return the long recordings that the voices' build.py makes."""

    def build(folder: Path) -> None:
        subprocess.run([sys.executable, str(voices() / "build.py"), str(folder)], check=True, stdout=subprocess.DEVNULL)

    return read(kept("voices", [voices() / "build.py", voices() / "clips.json"], build))


@cache
def of_clips() -> dict[str, Recording]:
    """Return each clip as a recording of its own, with or without words."""
    found = {}
    for row in clips():
        path, piece = voices() / row["file"], Piece(row["id"], 0.0, row["duration"], row["ref"], row["lang"])
        found[row["id"]] = Recording(row["id"], path, row["ref"], row["lang"], row["duration"], (piece,))
    return found


@cache
def of_ours() -> dict[str, Recording]:
    """Return the recordings that tests/real/made.py makes."""
    from tests.real import made

    sources = [Path(made.__file__), PROJECT / "demo" / "grammar.py"]
    return read(kept("made", sources, made.build))


def read(folder: Path) -> dict[str, Recording]:
    rows = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {row["id"]: _recording(folder, row) for row in rows}


def _recording(folder: Path, row: dict[str, Any]) -> Recording:
    pieces = tuple(Piece(c["id"], c["start"], c["end"], c["ref"], c["lang"]) for c in row["clips"])
    return Recording(row["id"], folder / row["file"], row["ref"], row["lang"], row["duration"], pieces)


def kept(name: str, sources: Iterable[Path], make: Callable[[Path], None]) -> Path:
    """Return the folder that `make` fills, once per sources; an interrupted run leaves none."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    root = PROJECT / "build" / "real-recordings"
    target = root / f"{name}-{digest}"
    if not target.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=root) as folder:
            made = Path(folder) / "made"
            made.mkdir()
            make(made)
            _place(made, target)
        for other in root.glob(f"{name}-*"):
            if other != target:
                shutil.rmtree(other, ignore_errors=True)
    return target


def _place(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():  # otherwise another run was faster and made the same
            raise

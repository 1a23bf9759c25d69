"""Requests to speech recognition and its results: plain values that cross the pipe to the worker.

This module, like `core.speech.client.client`, imports nothing heavy: the server process never loads faster-whisper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from core.message import from_record, record

Device = Literal["auto", "cuda", "cpu"]
ChineseScript = Literal["simplified", "traditional", "as_heard"]
Phase = Literal["downloading", "loading", "comparing", "transcribing"]
# The speech model that comes with CastMind.
DEMO_MODEL = "demo"
# The fields of a probe that cross the pipe with the key of their translation.
_MESSAGES = ("reason", "cuda_error")


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A request to transcribe one file.

    `model` is `auto`, a faster-whisper name, a folder, or `demo`. `batch_size` and `window_seconds` of 0 are chosen by device;
    `language` of None is detected. `models_dir` is where downloaded models are kept; `hf_endpoint` of "" is the hub's own.
    `coming` is the file of the most likely next request: its audio is decoded while the end of this one is transcribed.
    """

    media: Path
    model: str = "auto"
    device: Device = "auto"
    compute_type: str = "auto"
    batch_size: int = 0
    language: str | None = None
    chinese_script: ChineseScript = "simplified"
    window_seconds: float = 0.0
    models_dir: Path = Path("data/models")
    hf_endpoint: str = ""
    coming: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the request as plain values with absolute paths: the worker has a working directory of its own."""
        paths = {"media": self.media, "models_dir": self.models_dir, "coming": self.coming}
        return asdict(self) | {name: str(path.absolute()) if path else None for name, path in paths.items()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> SpeechRequest:
        coming = Path(row["coming"]) if row.get("coming") else None
        return cls(**dict(row) | {"media": Path(row["media"]), "models_dir": Path(row["models_dir"]), "coming": coming})


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a transcription. `position` and `duration` are seconds of audio, `eta` seconds of waiting.

    `real_time_factor` is seconds of work a second of audio, in this run. The bytes are those of a model being downloaded, and
    `fraction` is theirs in that phase, otherwise that of the audio.
    """

    phase: Phase
    fraction: float = 0.0
    position: float = 0.0
    duration: float = 0.0
    eta: float | None = None
    real_time_factor: float | None = None
    done_bytes: int = 0
    total_bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Progress:
        return cls(**{f.name: row[f.name] for f in fields(cls) if f.name in row})


@dataclass(frozen=True, slots=True)
class Probe:
    """The capabilities of this computer, proven by a recognition with the bundled model on the device.

    `reason` (a Message) explains the device, compute type and model; `cuda_error` explains why a present or requested card is not
    used. `vram_*` and `memory` are bytes. `model_present` tells whether the model is already on this computer.
    """

    device: str
    device_name: str
    compute_type: str
    model: str
    model_present: bool
    reason: str
    cuda_error: str | None = None
    vram_total: int = 0
    vram_free: int = 0
    cpu_count: int = 1
    memory: int = 0

    @property
    def tried(self) -> bool:
        """Return False if the trial itself failed; `reason` then tells why."""
        return bool(self.compute_type)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {name: record(getattr(self, name)) for name in _MESSAGES}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Probe:
        found: dict[str, Any] = {f.name: row[f.name] for f in fields(cls) if f.name in row}
        return cls(**found | {name: from_record(found[name]) for name in _MESSAGES if name in found})

"""Resolve speech models: choose the model for `auto` on this computer, and find a model's folder on disk.

auto ─► choose() by card, cores and memory ─► a name
a name ─► find(): data/models/<name>, a Hugging Face cache ─► a folder, or None: `core.speech.models.hub` downloads it
demo ─► the bundled model; used only if requested by that name
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.message import Message
from core.speech import device_messages
from core.speech.models.hardware import Hardware

DEMO = Path(__file__).resolve().parents[3] / "demo" / "model"
GIB = 1024**3

REPOSITORIES = {
    "tiny": "Systran/faster-whisper-tiny",
    "tiny.en": "Systran/faster-whisper-tiny.en",
    "base": "Systran/faster-whisper-base",
    "base.en": "Systran/faster-whisper-base.en",
    "small": "Systran/faster-whisper-small",
    "small.en": "Systran/faster-whisper-small.en",
    "medium": "Systran/faster-whisper-medium",
    "medium.en": "Systran/faster-whisper-medium.en",
    "large-v1": "Systran/faster-whisper-large-v1",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
}
ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}


@dataclass(frozen=True, slots=True)
class SpeechModelChoice:
    """A model's name, and the reason for it."""

    model: str
    reason: Message


def choose(hardware: Hardware, device: str, compute_type: str) -> SpeechModelChoice:
    """Choose the model for `auto`: the best one that this machine runs well.

    Decided by the card's whole memory, not by its free memory at the moment, so that a transcript begun with one model is not
    continued with another.
    """
    if device == "cuda" and hardware.card:
        memory = hardware.card.total / GIB
        small_weights = compute_type.startswith("int8")
        if memory >= (3.5 if small_weights else 5.0):
            return SpeechModelChoice("large-v3-turbo", device_messages.card_holds(memory, "large-v3-turbo"))
        if memory >= 2.5:
            return SpeechModelChoice(
                "medium" if small_weights else "small", device_messages.card_too_small(memory, "large-v3-turbo")
            )
        return SpeechModelChoice("base", device_messages.card_small(memory))
    if hardware.cores >= 4 and hardware.memory >= 4 * GIB:
        return SpeechModelChoice("small", device_messages.cores_keep_up(hardware.cores, "small"))
    if hardware.memory >= 2 * GIB:
        return SpeechModelChoice("base", device_messages.suits(hardware.cores, hardware.memory / GIB, "base"))
    return SpeechModelChoice("tiny", device_messages.memory_small(hardware.memory / GIB))


def repository(model: str) -> str | None:
    """Return the hub's repository for a name; `owner/name` is one itself. None for an unknown name."""
    if model.count("/") == 1 and not model.startswith((".", "/", "~")):
        return model
    return REPOSITORIES.get(ALIASES.get(model, model))


def folder_name(model: str) -> str:
    return ALIASES.get(model, model).replace("/", "--")


def find(model: str, models_dir: Path) -> Path | None:
    """Return the folder of a model that is on this computer and whole; None when it has to be downloaded."""
    if model == "demo":
        return DEMO
    candidates = [models_dir / folder_name(model), *_cached(model, models_dir), Path(model).expanduser()]
    return next((folder for folder in candidates if is_whole(folder)), None)


def is_whole(folder: Path) -> bool:
    """Return whether a folder holds a converted Whisper model: weights, configuration, tokenizer and vocabulary."""
    needed = ("model.bin", "config.json", "tokenizer.json")
    return all((folder / name).is_file() for name in needed) and any(folder.glob("vocabulary.*"))


def _cached(model: str, models_dir: Path) -> list[Path]:
    """Return snapshots in Hugging Face's cache layout, in our folder or the user's own, newest first."""
    name = repository(model)
    if name is None:
        return []
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    roots = (models_dir, Path(os.environ.get("HF_HUB_CACHE") or home / "hub"))
    found = [s for root in roots for s in (root / f"models--{name.replace('/', '--')}" / "snapshots").glob("*")]
    return sorted(found, key=lambda s: s.stat().st_mtime, reverse=True)

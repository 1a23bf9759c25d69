"""The benchmarks' real speech model: CASTMIND_BENCH_MODEL names one of scripts/real_models.py, or a folder."""

from __future__ import annotations

import os
from pathlib import Path

from scripts import real_models

NAME = "CASTMIND_BENCH_MODEL"


def asked() -> bool:
    return bool(os.environ.get(NAME))


def model() -> Path:
    """Return its folder; Whisper base by default. Raises real_models.Unavailable."""
    named = os.environ.get(NAME) or "base"
    return real_models.make(named) if named in real_models.MODELS else Path(named).absolute()

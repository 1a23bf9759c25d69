"""Recognizers of the demo model, and their readings as rows."""

from __future__ import annotations

from typing import Any

import ctranslate2
import numpy as np

from core.domain.transcripts.transcript import Word
from core.speech.models.model_choice import DEMO
from core.speech.worker.decoder import DecodedText
from core.speech.worker.engine import Recognizer
from core.speech.worker.passages import Passage


def recognizer(threads: int = 2) -> Recognizer:
    return Recognizer(DEMO, "demo", device="cpu", compute_type="int8", batch_size=4, threads=threads)


def a_reading(text: str, *, log_probability: float = -0.2, no_speech: float = 0.0) -> DecodedText:
    words = tuple(Word(0.4 + 0.3 * i, 0.6 + 0.3 * i, f" {word}", 0.9) for i, word in enumerate(text.split()))
    return DecodedText((Passage(f" {text}", words),), log_probability, no_speech)


def _rows(count: int) -> Any:
    return ctranslate2.StorageView.from_array(np.zeros((count, 1500, 4), dtype=np.float32))

"""Detect doubtful decodings: those that repeat themselves, or have more words than fit their time."""

from __future__ import annotations

from dataclasses import replace

from core.speech.text import loops
from core.speech.worker.decoder import DecodedText


def without_echoes(reading: DecodedText) -> DecodedText:
    echoes = loops.echoes([passage.words for passage in reading.passages])
    return replace(reading, passages=tuple(p for i, p in enumerate(reading.passages) if i not in echoes)) if echoes else reading


def suspect(reading: DecodedText, seconds: float) -> bool:
    return reading.compression > loops.COMPRESSED or crammed(reading, seconds)


def crammed(reading: DecodedText, seconds: float) -> bool:
    words = reading.words
    return loops.hurried(words, seconds) or loops.looping(words, seconds) is not None

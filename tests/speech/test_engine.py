"""Loading a model, and what an error from the card means in CTranslate2's own words."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.speech.decoder import Reading
from core.speech.engine import CardFailed, OutOfMemory, Recognizer, card_fault
from core.speech.models import DEMO
from core.speech.windows import find_tracks
from tests.words import grammar


def test_the_weights_decide_how_many_mel_bands_they_get(tmp_path: Path) -> None:
    folder = shutil.copytree(DEMO, tmp_path / "model")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | {"feature_size": 128}))
    Recognizer(folder, "demo", device="cpu", compute_type="int8", batch_size=1, threads=1).prove()


def test_a_batch_that_fills_the_card_half_way_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = grammar().make_episode(random.Random(5), "mixed", 90.0)
    (track,) = find_tracks(clip.audio)
    recognizer = Recognizer(DEMO, "demo", device="cpu", compute_type="int8", batch_size=4, threads=2)

    def words() -> list[str]:
        return [word.text for batch in recognizer.hear(track, 0.0) for heard in batch.heard for word in heard.words]

    undisturbed, read, calls = words(), recognizer.decoder.read, itertools.count(1)

    def full_once(*args: Any, **options: Any) -> list[Reading]:
        if next(calls) == 2:  # one language of the batch is read already
            raise OutOfMemory
        return read(*args, **options)

    monkeypatch.setattr(recognizer.decoder, "read", full_once)
    again = words()
    assert next(calls) > 3
    # Smaller batches are computed with other roundings: a word may differ, but none comes twice.
    assert abs(len(again) - len(undisturbed)) <= 5


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("CUDA failed with error out of memory", OutOfMemory),
        ("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED", OutOfMemory),
        ("CUDA failed with error an illegal memory access was encountered", CardFailed),
        ("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED", CardFailed),
    ],
)
def test_card_faults(text: str, meaning: type[Exception]) -> None:
    assert type(card_fault(RuntimeError(text))) is meaning

"""Loading a model, and what an error from the card means in CTranslate2's own words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.speech.engine import CardFailed, OutOfMemory, Recognizer, card_fault
from core.speech.models import DEMO


def test_the_weights_decide_how_many_mel_bands_they_get(tmp_path: Path) -> None:
    folder = shutil.copytree(DEMO, tmp_path / "model")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | {"feature_size": 128}))
    Recognizer(folder, "demo", device="cpu", compute_type="int8", batch_size=1, threads=1).prove()


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

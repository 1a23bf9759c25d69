"""What an error from the card means, in CTranslate2's own words."""

from __future__ import annotations

import pytest

from core.speech.engine import CardFailed, OutOfMemory, card_fault


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

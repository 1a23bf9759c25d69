"""GPU errors in CTranslate2's own words, and their meaning."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from core.settings import PROJECT
from core.speech.worker.engine import CardFailed, OutOfMemory, card_fault


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


FAULT = "parallel_for failed: cudaErrorInvalidDevice: invalid device ordinal"


@pytest.mark.parametrize(("mood", "meaning"), [("working", CardFailed), ("full", OutOfMemory)])
def test_a_fault_of_a_full_card_is_a_lack_of_memory_whatever_it_is_called(
    nvidia_driver: Callable[[str], None], mood: str, meaning: type[Exception]
) -> None:
    """In a process of its own, since a process keeps the driver that it has loaded."""
    nvidia_driver(mood)
    ask = f"from core.speech.worker.card_faults import card_fault; print(type(card_fault(RuntimeError({FAULT!r}))).__name__)"
    answer = subprocess.run([sys.executable, "-c", ask], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == meaning.__name__

"""The GPU probe, in a separate process, because a process keeps the driver that it has loaded."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable

import pytest

from core.settings import PROJECT
from core.speech.models.hardware import DriverError, ask

LOOK = "from core.speech.models.hardware import look; h = look(); print([h.card, h.card_error, h.card_expected])"


def looked() -> str:
    answer = subprocess.run([sys.executable, "-c", LOOK], cwd=PROJECT, capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def test_the_card_is_described_by_its_driver(nvidia_driver: Callable[[str], None]) -> None:
    nvidia_driver("working")
    card = f"GraphicsCard(name='Imaginary RTX', total={12 * 1024**3}, free={7 * 1024**3}, capability=(8, 6))"
    assert looked() == f"[{card}, '', True]"


@pytest.mark.parametrize(
    ("mood", "said", "expected"),
    [("no-card", "no CUDA-capable device is detected (cuInit, 100)", False), ("broken", "unknown error (cuInit, 999)", True)],
)
def test_only_a_driver_that_fails_leaves_a_card_to_be_expected(
    nvidia_driver: Callable[[str], None], mood: str, said: str, expected: bool
) -> None:
    nvidia_driver(mood)
    assert looked() == f"[None, 'the NVIDIA driver says: {said}', {expected}]"


def test_a_driver_that_lacks_a_function_is_too_old() -> None:
    with pytest.raises(DriverError, match="too old: it has no cuInit"):
        ask(ctypes.CDLL(None))

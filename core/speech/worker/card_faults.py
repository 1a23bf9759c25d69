"""Classify failures of a graphics card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.speech.models import hardware

# Bytes of the card's memory that one batch needs at least; CUDA needs some to load its kernels, too.
LEAST_FREE = 512 * 1024**2


class OutOfMemory(RuntimeError):
    """The card has no memory for the request."""


class CardFailed(RuntimeError):
    """The card failed. The CUDA state of this process can no longer be trusted."""


def card_fault(error: RuntimeError) -> OutOfMemory | CardFailed:
    """Classify CTranslate2's error from the card; cuBLAS has an error of its own for a lack of memory.

    On a full card Thrust, which CTranslate2 uses, reports an invalid device. So any fault of a card that still answers and has
    hardly any memory free counts as a lack of memory.
    """
    text = str(error)
    full = "out of memory" in text.lower() or "CUBLAS_STATUS_ALLOC_FAILED" in text or _card_is_full()
    return OutOfMemory(text) if full else CardFailed(text)


def _card_is_full() -> bool:
    card = hardware.look().card
    return card is not None and card.free < LEAST_FREE


@contextmanager
def card_faults(device: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if device != "cuda":
            raise
        raise card_fault(error) from error

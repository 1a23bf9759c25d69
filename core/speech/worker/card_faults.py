"""What a graphics card's failure is told by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.speech.models import hardware

# Bytes of the card's memory that one batch takes at the very least; CUDA needs some to load its kernels, too.
LEAST_FREE = 512 * 1024**2


class OutOfMemory(RuntimeError):
    """The card has no room for what was asked of it."""


class CardFailed(RuntimeError):
    """The card broke off. What is left of CUDA in this process cannot be trusted any more."""


def card_fault(error: RuntimeError) -> OutOfMemory | CardFailed:
    """What CTranslate2's error from the card means; cuBLAS has a word of its own for a lack of memory.

    On a full card Thrust, which CTranslate2 uses, reports an invalid device. So any fault of a card that still answers and
    has hardly anything free is a lack of memory.
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

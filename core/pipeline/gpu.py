"""One card, taken in turns: speech recognition and the language model never hold it together.

    speech() ─▶ wait for the turn ─▶ ask Ollama to unload ─▶ recognise
    notes()  ─▶ wait for the turn ─▶ end the speech worker ─▶ summarise

Without a card there is nothing to share and both go at once. When both are known to fit, neither is unloaded.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core import errors
from core.notes.ollama import OllamaClient
from core.pipeline.work import Work
from core.speech.client import SpeechClient

log = logging.getLogger(__name__)

# Room for activations and the desktop, beside the weights.
RESERVE = 1_500_000_000
SPEECH_BYTES = 6_000_000_000


@dataclass(frozen=True, slots=True)
class Card:
    """The card that speech recognition uses. `total` is its memory in bytes, 0 when there is none."""

    total: int = 0

    @property
    def shared(self) -> bool:
        return self.total > 0


def fits(total: int, ollama_bytes: int, speech_bytes: int = SPEECH_BYTES) -> bool:
    """Whether both fit on a card of `total` bytes together; unknown sizes do not."""
    return ollama_bytes > 0 and ollama_bytes + speech_bytes + RESERVE <= total


class GpuLease:
    """The turn. `card()` says what speech recognition runs on; `ollama()` gives a client or raises OllamaUnreachable."""

    def __init__(self, speech: SpeechClient, *, card: Callable[[], Card], ollama: Callable[[], OllamaClient]) -> None:
        self._speech = speech
        self._card = card
        self._ollama = ollama
        self._turn = threading.Lock()

    @contextmanager
    def speech(self, work: Work) -> Iterator[None]:
        card = self._card()
        if not card.shared:
            yield
            return
        with self._my_turn(work):
            self._make_room(card, work)
            yield

    @contextmanager
    def notes(self, work: Work, client: OllamaClient) -> Iterator[None]:
        card = self._card()
        if not card.shared:
            yield
            return
        with self._my_turn(work):
            if not fits(card.total, sum(m.vram for m in client.running())):
                self._speech.end()
            yield

    @contextmanager
    def _my_turn(self, work: Work) -> Iterator[None]:
        while not self._turn.acquire(timeout=0.5):
            work.check()
            work.report(work.progress, {"phase": "waiting_for_card"})
        try:
            yield
        finally:
            self._turn.release()

    def _make_room(self, card: Card, work: Work) -> None:
        """Ollama gives the card back; when it does not answer, it holds none of it."""
        try:
            client = self._ollama()
            held = [m for m in client.running() if m.vram]
            if held and not fits(card.total, sum(m.vram for m in held)):
                left = client.unload_all(cancelled=work.cancelled)
                if left:
                    log.warning(
                        "Ollama keeps %s on the card; speech recognition tries beside it", ", ".join(m.name for m in left)
                    )
        except (errors.OutsideCondition, errors.Transient) as error:
            log.info("Ollama was not asked to give the card back: %s", error)

"""What speech recognition and the language model cannot use at once, taken in turns: a card, or the processor's cores.

    speech() ─▶ wait for the turn ─▶ ask Ollama to unload ─▶ recognise
    notes()  ─▶ wait for the turn ─▶ end the speech worker ─▶ summarise, and after SLICE let the other one go first

One card is for both: when both are known to fit, neither is unloaded. Without a card, a model that reckons on the cores of
this computer takes turns with speech recognition too; both at once are many times slower than one after the other. Turns are
had in the order in which they were asked for, and nobody holds one for longer than an episode.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core import errors
from core.notes.ollama import OllamaClient
from core.pipeline.step import StepContext
from core.speech.client import SpeechClient

log = logging.getLogger(__name__)

# Room for activations and the desktop, beside the weights.
RESERVE = 1_500_000_000
SPEECH_BYTES = 6_000_000_000
# So long may notes go on while a transcription waits: those of a long episode take hours on a processor.
SLICE_SECONDS = 600.0
LOOK_SECONDS = 0.5


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


class Turns:
    """One at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._line: deque[object] = deque()
        self._moved = threading.Condition()

    def take(self, waiting: Callable[[], None]) -> object:
        """Gives the ticket when its turn has come. `waiting` is called meanwhile; what it raises gives the place up."""
        ticket = object()
        with self._moved:
            self._line.append(ticket)
        try:
            while not self._came(ticket):
                waiting()
        except BaseException:
            self.give(ticket)
            raise
        return ticket

    def _came(self, ticket: object) -> bool:
        with self._moved:
            return self._moved.wait_for(lambda: self._line[0] is ticket, LOOK_SECONDS)

    def give(self, ticket: object) -> None:
        with self._moved:
            self._line.remove(ticket)
            self._moved.notify_all()

    def asked_for(self) -> bool:
        """Whether somebody waits."""
        with self._moved:
            return len(self._line) > 1


class Turn:
    """A turn that is held. `pause` is called where the work can rest: between two chunks."""

    def __init__(self, turns: Turns | None, waiting: Callable[[], None], begin: Callable[[], None]) -> None:
        self._turns, self._waiting, self._begin = turns, waiting, begin
        self._ticket: object | None = None
        self._since = 0.0

    def take(self) -> None:
        if self._turns is not None:
            self._ticket = self._turns.take(self._waiting)
            self._since = time.monotonic()
            self._begin()

    def give(self) -> None:
        if self._turns is not None and self._ticket is not None:
            self._turns.give(self._ticket)
            self._ticket = None

    def pause(self, slice_seconds: float = SLICE_SECONDS) -> float:
        """Lets those go first who wait, once the slice is used up. Returns the seconds that it took."""
        if self._turns is None or not self._turns.asked_for() or time.monotonic() - self._since < slice_seconds:
            return 0.0
        began = time.monotonic()
        self.give()
        self.take()
        return time.monotonic() - began


class GpuLease:
    """The turns. `card()` says what speech recognition runs on; `ollama()` gives a client or raises OllamaUnreachable.

    `on_processor` says whether a model reckons on the cores of this computer.
    """

    def __init__(
        self,
        speech: SpeechClient,
        *,
        card: Callable[[], Card],
        ollama: Callable[[], OllamaClient],
        on_processor: Callable[[OllamaClient, str], bool],
    ) -> None:
        self._speech = speech
        self._card = card
        self._ollama = ollama
        self._on_processor = on_processor
        self._card_turns = Turns()
        self._processor_turns = Turns()

    @contextmanager
    def speech(self, work: StepContext) -> Iterator[None]:
        card = self._card()
        if card.shared:
            turn = Turn(self._card_turns, _tells(work, "waiting_for_card"), lambda: self._make_room(card, work))
        else:
            turn = Turn(self._processor_turns, _tells(work, "waiting_for_notes"), _nothing)
        with _held(turn):
            yield

    @contextmanager
    def notes(self, work: StepContext, client: OllamaClient, model: str) -> Iterator[Turn]:
        card = self._card()
        if card.shared:
            turn = Turn(self._card_turns, _tells(work, "waiting_for_card"), lambda: self._end_speech(card, client))
        elif self._on_processor(client, model):
            turn = Turn(self._processor_turns, _tells(work, "waiting_for_speech"), _nothing)
        else:
            turn = Turn(None, _nothing, _nothing)
        with _held(turn):
            yield turn

    def _end_speech(self, card: Card, client: OllamaClient) -> None:
        if not fits(card.total, sum(m.vram for m in client.running())):
            self._speech.end()

    def _make_room(self, card: Card, work: StepContext) -> None:
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


@contextmanager
def _held(turn: Turn) -> Iterator[None]:
    try:
        turn.take()
        yield
    finally:
        turn.give()


def _tells(work: StepContext, phase: str) -> Callable[[], None]:
    def waiting() -> None:
        work.check()
        work.report(work.progress, {"phase": phase})

    return waiting


def _nothing() -> None:
    """There is nothing to be made ready."""

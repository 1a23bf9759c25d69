"""The lease of the hardware that speech recognition and the language model share: a graphics card, or the processor's cores.

    speech() ─▶ wait (gpu_queue) ─▶ ask Ollama to unload ─▶ recognise, and after each window ─┐
    llm()    ─▶ wait (gpu_queue) ─▶ end the speech worker ─▶ ask, and after each chunk ───────┤
                    ▲                                                                         │
                    └───────────────────── Hold.pause(), if another is to go first ◀──────────┘

Both use one card; if both are known to fit, neither is unloaded. Without a card, a model that runs on the cores of
this computer takes turns with speech recognition too; both at once are many times slower than one after the other. Any
thread may take the lease, with a priority; leaving the `with` block frees it, by an exception too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core import errors
from core.domain.jobs.gpu_line import Priority, QueueState
from core.llm.ollama import OllamaClient
from core.pipeline.gpu_file import GpuFile
from core.pipeline.gpu_queue import GpuQueue, QueuePlace, Taker
from core.speech.client.client import SpeechClient

log = logging.getLogger(__name__)

# Bytes reserved for activations and the desktop, beside the weights.
RESERVE = 1_500_000_000
SPEECH_BYTES = 6_000_000_000
# How often a waiter checks whether it was cancelled.
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Card:
    """The card used for speech recognition. `total` is its memory in bytes, 0 if there is none."""

    total: int = 0

    @property
    def shared(self) -> bool:
        return self.total > 0


def fits(total: int, ollama_bytes: int, speech_bytes: int = SPEECH_BYTES) -> bool:
    """Return whether both fit together on a card of `total` bytes; False if a size is unknown."""
    return ollama_bytes > 0 and ollama_bytes + speech_bytes + RESERVE <= total


class Hold:
    """The card while it is held. Long work calls `pause` at its boundaries: after a window, after a chunk.

    `begin` makes room each time the card is acquired. Without a `queue` nothing is shared, and nobody ever waits. `file` is the
    lock that other processes take.
    """

    def __init__(
        self, queue: GpuQueue | None, taker: Taker, waits_for: str, begin: Callable[[], None], file: GpuFile | None = None
    ) -> None:
        self._queue, self._taker, self._waits_for, self._begin, self._file = queue, taker, waits_for, begin, file
        self._place: QueuePlace | None = None

    def take(self) -> None:
        """Block until the card is acquired and has room. Raises whatever the taker's `check` raises."""
        if self._queue is not None:
            self._place = self._queue.join(self._taker)
            self._had(self._queue, self._place)

    def give(self) -> None:
        """Release the card, or the place in the queue. Idempotent."""
        if self._file is not None:
            self._file.give()
        if self._queue is not None and self._place is not None:
            self._queue.leave(self._place)

    def wanted(self) -> bool:
        """Return whether another taker is to get the card at the next boundary."""
        if self._queue is None or self._place is None:
            return False
        return self._queue.wanted(self._place) or self._wanted_elsewhere()

    def pause(self) -> float:
        """At a boundary: let takers with precedence go first, then acquire the card again. Return the seconds that it took.

        Raises whatever the taker's `check` raises; the card is released then.
        """
        if self._queue is None or self._place is None:
            return 0.0
        began = time.monotonic()
        elsewhere = self._wanted_elsewhere()
        if not self._queue.step_back(self._place) and not elsewhere:
            return 0.0
        if self._file is not None:
            self._file.give()
        log.info("%s lets another one have the card", self._taker.name)
        self._had(self._queue, self._place)
        seconds = time.monotonic() - began
        log.info("%s has the card again after %.0f s", self._taker.name, seconds)
        return seconds

    def _wanted_elsewhere(self) -> bool:
        return self._file is not None and self._file.wanted()

    def _had(self, queue: GpuQueue, place: QueuePlace) -> None:
        while not queue.wait(place, LOOK_SECONDS):
            self._still_waits(self._phase(queue))
        while self._file is not None and not self._file.take():
            self._still_waits(self._waits_for)
            time.sleep(LOOK_SECONDS)
        self._taker.check()
        self._begin()

    def _still_waits(self, phase: str) -> None:
        self._taker.check()
        self._taker.tell(phase)

    def _phase(self, queue: GpuQueue) -> str:
        holder = queue.state().holder
        return "waiting_for_person" if holder and holder.priority is Priority.PERSON else self._waits_for


class GpuLease:
    """The lease. `card()` returns the card of speech recognition; `ollama()` returns a client or raises OllamaUnreachable.

    `on_processor` returns whether a model runs on the cores of this computer. Processes share the card by the data folder
    `folder`; without it, only this process uses the card.
    """

    def __init__(
        self,
        speech: SpeechClient,
        *,
        card: Callable[[], Card],
        ollama: Callable[[], OllamaClient],
        on_processor: Callable[[OllamaClient, str], bool],
        folder: Path | None = None,
    ) -> None:
        self._speech = speech
        self._card = card
        self._ollama = ollama
        self._on_processor = on_processor
        self._folder = folder
        self._card_queue = GpuQueue()
        self._processor_queue = GpuQueue()

    @contextmanager
    def speech(self, taker: Taker) -> Iterator[Hold]:
        """Hold the card, or the cores, for speech recognition. Raises whatever the taker's `check` raises."""
        card = self._card()
        if card.shared:
            hold = self._card_hold(taker, lambda: self._make_room(card, taker))
        else:
            hold = Hold(self._processor_queue, taker, "waiting_for_notes", _nothing)
        with _held(hold):
            yield hold

    @contextmanager
    def llm(self, taker: Taker, client: OllamaClient, model: str) -> Iterator[Hold]:
        """Hold the card, or the cores, for a language model.

        Raises whatever the taker's `check` raises, and OllamaUnreachable.
        """
        card = self._card()
        if card.shared:
            hold = self._card_hold(taker, lambda: self._end_speech(card, client))
        elif self._on_processor(client, model):
            hold = Hold(self._processor_queue, taker, "waiting_for_speech", _nothing)
        else:
            hold = Hold(None, taker, "", _nothing)
        with _held(hold):
            yield hold

    @contextmanager
    def proof(self, taker: Taker) -> Iterator[None]:
        """Hold the card, if there is one, for a trial of speech recognition; a trial on the processor runs beside other work."""
        if not self._card().shared:
            yield
            return
        with self.speech(taker):
            yield

    def state(self) -> QueueState:
        """Return the holder and the waiters of the hardware that is shared."""
        return (self._card_queue if self._card().shared else self._processor_queue).state()

    def _card_hold(self, taker: Taker, begin: Callable[[], None]) -> Hold:
        file = GpuFile(self._folder) if self._folder else None
        return Hold(self._card_queue, taker, "waiting_for_card", begin, file)

    def _end_speech(self, card: Card, client: OllamaClient) -> None:
        if not fits(card.total, sum(m.vram for m in client.running())):
            self._speech.end()

    def _make_room(self, card: Card, taker: Taker) -> None:
        """Ask Ollama to free the card; if it does not answer, it uses none of it."""
        try:
            client = self._ollama()
            held = [m for m in client.running() if m.vram]
            if held and not fits(card.total, sum(m.vram for m in held)):
                left = client.unload_all(cancelled=_refused(taker))
                if left:
                    log.warning(
                        "Ollama keeps %s on the card; speech recognition tries beside it", ", ".join(m.name for m in left)
                    )
        except (errors.OutsideCondition, errors.Transient) as error:
            log.info("Ollama was not asked to give the card back: %s", error)


@contextmanager
def _held(hold: Hold) -> Iterator[None]:
    try:
        hold.take()
        yield
    finally:
        hold.give()


class WaitingRun(Protocol):
    """The part of a running step that waits for the card."""

    progress: float

    def check(self) -> None: ...

    def report(self, progress: float, detail: Mapping[str, Any]) -> None: ...


def taker_of(run: WaitingRun, name: str, priority: Priority = Priority.RUNNING) -> Taker:
    """Return the step as a taker: it stops waiting when the run is stopped, and reports the reason for its wait."""
    return Taker(name, priority, run.check, lambda phase: run.report(run.progress, {"phase": phase}))


def _refused(taker: Taker) -> Callable[[], bool]:
    """Wrap the taker's `check`, which raises, for callers that expect a boolean."""

    def refused() -> bool:
        taker.check()
        return False

    return refused


def _nothing() -> None:
    """Do nothing: no room has to be made."""

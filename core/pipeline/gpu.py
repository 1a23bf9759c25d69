"""The lease of what speech recognition and the language model cannot use at once: a card, or the processor's cores.

    speech() ─▶ wait (gpu_queue) ─▶ ask Ollama to unload ─▶ recognise, and after each window ─┐
    llm()    ─▶ wait (gpu_queue) ─▶ end the speech worker ─▶ ask, and after each chunk ───────┤
                    ▲                                                                         │
                    └──────────────────── Hold.pause(), if somebody is to go first ◀──────────┘

One card is for both: when both are known to fit, neither is unloaded. Without a card, a model that runs on the cores of
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
from core.pipeline.gpu_queue import GpuQueue, Place, Taker
from core.speech.client.client import SpeechClient

log = logging.getLogger(__name__)

# Room for activations and the desktop, beside the weights.
RESERVE = 1_500_000_000
SPEECH_BYTES = 6_000_000_000
# How often one that waits looks whether it is still wanted.
LOOK_SECONDS = 0.1


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


class Hold:
    """The card while it is held. Work that takes long asks at its boundaries: after a window, after a chunk.

    `begin` makes room each time that the card is had. Without a `queue` nothing is shared, and nobody ever waits. `file` is
    where other processes take the card.
    """

    def __init__(
        self, queue: GpuQueue | None, taker: Taker, waits_for: str, begin: Callable[[], None], file: GpuFile | None = None
    ) -> None:
        self._queue, self._taker, self._waits_for, self._begin, self._file = queue, taker, waits_for, begin, file
        self._place: Place | None = None

    def take(self) -> None:
        """Blocks until the card is had and has room. Raises what the taker's `check` raises."""
        if self._queue is not None:
            self._place = self._queue.join(self._taker)
            self._had(self._queue, self._place)

    def give(self) -> None:
        """Leaves the card, or the line for it, to others; again is no harm."""
        if self._file is not None:
            self._file.give()
        if self._queue is not None and self._place is not None:
            self._queue.leave(self._place)

    def wanted(self) -> bool:
        """Whether somebody is to have the card at the next boundary."""
        if self._queue is None or self._place is None:
            return False
        return self._queue.wanted(self._place) or self._wanted_elsewhere()

    def pause(self) -> float:
        """At a boundary: lets those go first who are to, and has the card again. Returns the seconds that it took.

        Raises what the taker's `check` raises; the card is others' then.
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

    def _had(self, queue: GpuQueue, place: Place) -> None:
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
    """The lease. `card()` says what speech recognition runs on; `ollama()` gives a client or raises OllamaUnreachable.

    `on_processor` says whether a model runs on the cores of this computer. `folder` is the data folder, by which processes
    share the card; without one it is this process's alone.
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
        """Holds the card, or the cores, for speech recognition. Raises what the taker's `check` raises."""
        card = self._card()
        if card.shared:
            hold = self._card_hold(taker, lambda: self._make_room(card, taker))
        else:
            hold = Hold(self._processor_queue, taker, "waiting_for_notes", _nothing)
        with _held(hold):
            yield hold

    @contextmanager
    def llm(self, taker: Taker, client: OllamaClient, model: str) -> Iterator[Hold]:
        """Holds the card, or the cores, for a language model. Raises what the taker's `check` raises, and OllamaUnreachable."""
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
        """Holds a card that is known while speech recognition is tried on it; a processor is tried beside other work."""
        if not self._card().shared:
            yield
            return
        with self.speech(taker):
            yield

    def state(self) -> QueueState:
        """Who holds and who waits, for whatever this computer shares."""
        return (self._card_queue if self._card().shared else self._processor_queue).state()

    def _card_hold(self, taker: Taker, begin: Callable[[], None]) -> Hold:
        file = GpuFile(self._folder) if self._folder else None
        return Hold(self._card_queue, taker, "waiting_for_card", begin, file)

    def _end_speech(self, card: Card, client: OllamaClient) -> None:
        if not fits(card.total, sum(m.vram for m in client.running())):
            self._speech.end()

    def _make_room(self, card: Card, taker: Taker) -> None:
        """Ollama gives the card back; when it does not answer, it holds none of it."""
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


class Run(Protocol):
    """The part of a running step that waits for the card."""

    progress: float

    def check(self) -> None: ...

    def report(self, progress: float, detail: Mapping[str, Any]) -> None: ...


def taker_of(run: Run, name: str, priority: Priority = Priority.RUNNING) -> Taker:
    """The step as a taker: it ends its waiting when it is stopped, and reports what it waits for."""
    return Taker(name, priority, run.check, lambda phase: run.report(run.progress, {"phase": phase}))


def _refused(taker: Taker) -> Callable[[], bool]:
    """The taker's `check` for the rooms that ask with a yes or no: it raises by itself."""

    def refused() -> bool:
        taker.check()
        return False

    return refused


def _nothing() -> None:
    """There is nothing to be made ready."""

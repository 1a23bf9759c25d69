from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core import errors
from core.notes.ollama import OllamaClient
from core.pipeline.gpu import RESERVE, SPEECH_BYTES, Card, GpuLease, Turns, fits
from core.pipeline.step import StepContext
from core.speech.client import SpeechClient
from tests.fakes.ollama import FakeOllama
from tests.pipeline.rig import until

MODEL = "qwen2.5:7b"


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def work() -> StepContext:
    return StepContext(lambda part: None)


def lease(ollama: FakeOllama, speech: SpeechClient, total: int, *, on_processor: bool = False) -> GpuLease:
    return GpuLease(
        speech,
        card=lambda: Card(total),
        ollama=lambda: OllamaClient(ollama.url),
        on_processor=lambda client, model: on_processor,
    )


def test_both_fit_only_when_their_sizes_are_known() -> None:
    assert fits(24_000_000_000, 8_000_000_000)
    assert not fits(12_000_000_000, 8_000_000_000)
    assert not fits(24_000_000_000, 0)
    assert fits(SPEECH_BYTES + RESERVE + 1, 1)


def test_without_a_card_both_go_at_once_when_the_model_needs_no_core_of_ours(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    turns = lease(ollama, speech, 0)
    with turns.speech(work()), turns.notes(work(), OllamaClient(ollama.url), MODEL):
        assert ollama.loaded_now() == [MODEL]
    assert not ollama.requests


def test_before_speech_ollama_gives_a_small_card_back(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    with lease(ollama, speech, 8_000_000_000).speech(work()):
        assert ollama.loaded_now() == []


def test_on_a_large_card_the_model_stays(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    with lease(ollama, speech, 80_000_000_000).speech(work()):
        assert ollama.loaded_now() == [MODEL]


def test_speech_goes_on_when_ollama_is_not_there(speech: SpeechClient) -> None:
    def absent() -> OllamaClient:
        raise errors.OllamaUnreachable("It is off.")

    turns = GpuLease(speech, card=lambda: Card(8_000_000_000), ollama=absent, on_processor=lambda client, model: True)
    with turns.speech(work()):
        pass


def test_the_second_waits_for_its_turn_and_says_so(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = lease(ollama, speech, 8_000_000_000)
    waiting, had_turn = work(), threading.Event()

    def notes() -> None:
        with turns.notes(waiting, OllamaClient(ollama.url), MODEL):
            had_turn.set()

    thread = threading.Thread(target=notes)
    with turns.speech(work()):
        thread.start()
        until(lambda: waiting.detail == {"phase": "waiting_for_card"})
        assert not had_turn.is_set()
    thread.join()
    assert had_turn.is_set()


def test_waiting_for_the_turn_can_be_cancelled_and_an_error_gives_it_back(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = lease(ollama, speech, 8_000_000_000)
    cancelled = work()
    cancelled.stop(errors.Cancelled())
    with pytest.raises(errors.WorkerDied), turns.speech(work()):
        with pytest.raises(errors.Cancelled), turns.notes(cancelled, OllamaClient(ollama.url), MODEL):
            pass
        raise errors.WorkerDied("The worker ended.")
    with turns.speech(work()):
        pass


# --- without a card -----------------------------------------------------------------------------------------


class Both:
    """Jobs of both kinds in threads of their own; `log` is who held the turn, in order, `at_once` the most together."""

    def __init__(self, turns: GpuLease, ollama: FakeOllama) -> None:
        self._turns, self._client = turns, OllamaClient(ollama.url)
        self.log: list[str] = []
        self.at_once = self.now = 0
        self.threads: list[threading.Thread] = []
        self._guard = threading.Lock()

    def start(self, kind: str, name: str, release: threading.Event, mine: StepContext | None = None) -> StepContext:
        mine = mine or work()
        held = self._turns.speech(mine) if kind == "speech" else self._turns.notes(mine, self._client, MODEL)

        def run() -> None:
            with held:
                with self._guard:
                    self.log.append(name)
                    self.now += 1
                    self.at_once = max(self.at_once, self.now)
                release.wait(30.0)
                with self._guard:
                    self.now -= 1

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()
        return mine

    def join(self) -> None:
        for thread in self.threads:
            thread.join(30.0)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("first", "second", "phase"), [("speech", "notes", "waiting_for_speech"), ("notes", "speech", "waiting_for_notes")]
)
def test_on_the_processor_one_waits_for_the_other_and_says_for_what(
    ollama: FakeOllama, speech: SpeechClient, first: str, second: str, phase: str
) -> None:
    both, release = Both(lease(ollama, speech, 0, on_processor=True), ollama), threading.Event()
    both.start(first, first, release)
    until(lambda: both.log == [first])
    waiting = both.start(second, second, release)
    until(lambda: waiting.detail == {"phase": phase})
    assert both.log == [first]
    release.set()
    both.join()
    assert (both.log, both.at_once) == ([first, second], 1)


def test_turns_come_in_the_order_in_which_they_were_asked_for(ollama: FakeOllama, speech: SpeechClient) -> None:
    both, release = Both(lease(ollama, speech, 0, on_processor=True), ollama), threading.Event()
    names = ["speech 1", "notes 1", "speech 2", "notes 2", "speech 3"]
    for number, name in enumerate(names):
        waiting = both.start(name.split()[0], name, release)
        until((lambda: len(both.log) == 1) if not number else (lambda waiting=waiting: bool(waiting.detail)))  # type: ignore[misc]
    release.set()
    both.join()
    assert (both.log, both.at_once) == (names, 1)


def test_one_that_is_cancelled_while_it_waits_holds_up_nobody(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = Turns()
    first = turns.take(lambda: None)

    def cancelled() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        turns.take(cancelled)
    assert not turns.asked_for()
    turns.give(first)
    turns.give(turns.take(cancelled))


def test_long_notes_let_a_transcription_go_first_and_go_on_afterwards(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns, release = lease(ollama, speech, 0, on_processor=True), threading.Event()
    both = Both(turns, ollama)
    with turns.notes(work(), OllamaClient(ollama.url), MODEL) as turn:
        assert turn.pause(0.0) == 0.0
        waiting = both.start("speech", "speech", release)
        until(lambda: waiting.detail == {"phase": "waiting_for_notes"})
        assert turn.pause(3600.0) == 0.0
        assert not both.log
        release.set()
        assert turn.pause(0.0) > 0.0
        assert both.log == ["speech"]
        both.join()
        late = both.start("speech", "late", release)
        until(lambda: late.detail == {"phase": "waiting_for_notes"})
        assert both.log == ["speech"]
    both.join()
    assert both.log == ["speech", "late"]


def test_notes_that_lose_their_place_while_they_pause_leave_the_turn_to_others(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns, release, mine = lease(ollama, speech, 0, on_processor=True), threading.Event(), work()
    both = Both(turns, ollama)
    with pytest.raises(errors.ShuttingDown), turns.notes(mine, OllamaClient(ollama.url), MODEL) as turn:
        waiting = both.start("speech", "speech", release)
        until(lambda: bool(waiting.detail))
        mine.stop(errors.ShuttingDown())
        turn.pause(0.0)
    release.set()
    both.join()
    assert both.log == ["speech"]

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.domain.jobs.gpu_line import Priority, QueueState
from core.llm.ollama import OllamaClient
from core.pipeline.gpu import RESERVE, SPEECH_BYTES, Card, GpuLease, fits, taker_of
from core.pipeline.gpu_queue import Taker
from core.pipeline.step import StepContext
from core.speech.client.client import SpeechClient
from tests.fakes.ollama import FakeOllama
from tests.runner_fixture import until

MODEL = "qwen2.5:7b"


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def work() -> StepContext:
    return StepContext(lambda part: None)


def taker(run: StepContext | None = None, priority: Priority = Priority.RUNNING, name: str = "") -> Taker:
    return taker_of(run or work(), name, priority)


def lease(
    ollama: FakeOllama, speech: SpeechClient, total: int, *, on_processor: bool = False, folder: Path | None = None
) -> GpuLease:
    return GpuLease(
        speech,
        card=lambda: Card(total),
        ollama=lambda: OllamaClient(ollama.url),
        on_processor=lambda client, model: on_processor,
        folder=folder,
    )


def test_both_fit_only_when_their_sizes_are_known() -> None:
    assert fits(24_000_000_000, 8_000_000_000)
    assert not fits(12_000_000_000, 8_000_000_000)
    assert not fits(24_000_000_000, 0)
    assert fits(SPEECH_BYTES + RESERVE + 1, 1)


def test_without_a_card_both_go_at_once_when_the_model_needs_no_core_of_ours(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    turns = lease(ollama, speech, 0)
    with turns.speech(taker()), turns.llm(taker(), OllamaClient(ollama.url), MODEL):
        assert ollama.loaded_now() == [MODEL]
    assert not ollama.requests


def test_before_speech_ollama_gives_a_small_card_back(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    with lease(ollama, speech, 8_000_000_000).speech(taker()):
        assert ollama.loaded_now() == []


def test_on_a_large_card_the_model_stays(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    with lease(ollama, speech, 80_000_000_000).speech(taker()):
        assert ollama.loaded_now() == [MODEL]


def test_speech_goes_on_when_ollama_is_not_there(speech: SpeechClient) -> None:
    def absent() -> OllamaClient:
        raise errors.OllamaUnreachable("It is off.")

    turns = GpuLease(speech, card=lambda: Card(8_000_000_000), ollama=absent, on_processor=lambda client, model: True)
    with turns.speech(taker()):
        pass


def test_the_second_waits_for_its_turn_and_says_so(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = lease(ollama, speech, 8_000_000_000)
    waiting, had_turn = work(), threading.Event()

    def notes() -> None:
        with turns.llm(taker(waiting), OllamaClient(ollama.url), MODEL):
            had_turn.set()

    thread = threading.Thread(target=notes)
    with turns.speech(taker()):
        thread.start()
        until(lambda: waiting.detail == {"phase": "waiting_for_card"})
        assert not had_turn.is_set()
    thread.join()
    assert had_turn.is_set()


def test_waiting_for_the_turn_can_be_cancelled_and_an_error_gives_it_back(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = lease(ollama, speech, 8_000_000_000)
    cancelled = work()
    cancelled.stop(errors.Cancelled())
    with pytest.raises(errors.WorkerDied), turns.speech(taker()):
        with pytest.raises(errors.Cancelled), turns.llm(taker(cancelled), OllamaClient(ollama.url), MODEL):
            pass
        raise errors.WorkerDied("The worker ended.")
    with turns.speech(taker()):
        pass


# --- without a card -----------------------------------------------------------------------------------------


class Both:
    """Jobs of both kinds in threads of their own; `log` is who held the turn, in order, `at_once` the most together."""

    def __init__(self, turns: GpuLease, ollama: FakeOllama) -> None:
        self._turns, self.client = turns, OllamaClient(ollama.url)
        self.log: list[str] = []
        self.at_once = self.now = 0
        self.threads: list[threading.Thread] = []
        self._guard = threading.Lock()

    def start(self, kind: str, name: str, release: threading.Event, priority: Priority = Priority.RUNNING) -> StepContext:
        mine = work()
        who = taker(mine, priority, name)
        held = self._turns.speech(who) if kind == "speech" else self._turns.llm(who, self.client, MODEL)

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


@pytest.mark.parametrize("total", [8_000_000_000, 0])
@pytest.mark.parametrize("kind", ["speech", "notes"])
def test_a_person_goes_first_at_the_next_boundary_and_the_work_goes_on(
    ollama: FakeOllama, speech: SpeechClient, kind: str, total: int
) -> None:
    gpu, release = lease(ollama, speech, total, on_processor=True), threading.Event()
    both, mine = Both(gpu, ollama), work()
    held = gpu.speech(taker(mine, name="mine")) if kind == "speech" else gpu.llm(taker(mine, name="mine"), both.client, MODEL)
    with held as hold:
        assert hold.pause() == 0.0
        equal = both.start("notes", "equal", release)
        until(lambda: bool(equal.detail))
        assert not hold.wanted() and hold.pause() == 0.0
        asking = both.start("notes", "question", release, Priority.PERSON)
        until(lambda: bool(asking.detail))
        assert [entry.name for entry in gpu.state().waiting] == ["question", "equal"]
        assert hold.wanted() and not both.log
        release.set()
        assert hold.pause() > 0.0
        assert both.log == ["question"]
        state = gpu.state()
        assert state.holder and (state.holder.name, [e.name for e in state.waiting]) == ("mine", ["equal"])
    both.join()
    assert (both.log, both.at_once, gpu.state()) == (["question", "equal"], 1, QueueState())


def test_what_waits_for_a_person_says_so(ollama: FakeOllama, speech: SpeechClient) -> None:
    gpu, release = lease(ollama, speech, 0, on_processor=True), threading.Event()
    both = Both(gpu, ollama)
    both.start("notes", "question", release, Priority.PERSON)
    until(lambda: both.log == ["question"])
    waiting = both.start("speech", "speech", release)
    until(lambda: waiting.detail == {"phase": "waiting_for_person"})
    release.set()
    both.join()


def test_processes_over_one_data_folder_share_the_card(ollama: FakeOllama, speech: SpeechClient, tmp_path: Path) -> None:
    server, command = (lease(ollama, speech, 8_000_000_000, folder=tmp_path) for _ in range(2))
    release, mine = threading.Event(), work()
    both = Both(command, ollama)
    with server.speech(taker(mine, name="transcription")) as hold:
        assert not hold.wanted() and hold.pause() == 0.0
        waiting = both.start("notes", "command", release)
        until(lambda: waiting.detail == {"phase": "waiting_for_card"})
        until(hold.wanted)
        assert not both.log
        release.set()
        assert hold.pause() > 0.0 and both.log == ["command"]
        both.join()
        assert not hold.wanted()
    with command.speech(taker()):
        pass


def test_work_that_is_cancelled_while_it_lets_a_person_go_first_leaves_the_card_to_others(
    ollama: FakeOllama, speech: SpeechClient
) -> None:
    gpu, release, mine = lease(ollama, speech, 0, on_processor=True), threading.Event(), work()
    both = Both(gpu, ollama)
    with pytest.raises(errors.ShuttingDown), gpu.llm(taker(mine), both.client, MODEL) as hold:
        asking = both.start("notes", "question", release, Priority.PERSON)
        until(lambda: bool(asking.detail))
        mine.stop(errors.ShuttingDown())
        hold.pause()
    until(lambda: both.log == ["question"])
    release.set()
    both.join()
    assert gpu.state() == QueueState()


def test_a_thread_that_dies_frees_the_card(ollama: FakeOllama, speech: SpeechClient) -> None:
    gpu = lease(ollama, speech, 8_000_000_000)
    died: list[str] = []

    def die() -> None:
        try:
            with gpu.speech(Taker("dying")):
                raise MemoryError
        except MemoryError:
            died.append(threading.current_thread().name)

    thread = threading.Thread(target=die, name="dying")
    thread.start()
    thread.join(30.0)
    assert died == ["dying"] and gpu.state() == QueueState()
    with gpu.llm(Taker("next"), OllamaClient(ollama.url), MODEL):
        assert [e.name for e in (gpu.state().holder,) if e] == ["next"]


def test_an_ollama_that_fails_as_the_card_is_had_leaves_it_free(ollama: FakeOllama, speech: SpeechClient) -> None:
    gpu, client = lease(ollama, speech, 8_000_000_000), OllamaClient(ollama.url)
    ollama.stop()
    with pytest.raises(errors.OllamaUnreachable), gpu.llm(Taker("notes"), client, MODEL):
        pass
    assert gpu.state() == QueueState()
    ollama.start()

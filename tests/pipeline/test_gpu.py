from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core import errors
from core.notes.ollama import OllamaClient
from core.pipeline.gpu import RESERVE, SPEECH_BYTES, Card, GpuLease, fits
from core.pipeline.work import Work
from core.speech.client import SpeechClient
from tests.fakes.ollama import FakeOllama
from tests.pipeline.rig import until

MODEL = "qwen2.5:7b"


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def work() -> Work:
    return Work(lambda part: None)


def lease(ollama: FakeOllama, speech: SpeechClient, total: int) -> GpuLease:
    return GpuLease(speech, card=lambda: Card(total), ollama=lambda: OllamaClient(ollama.url))


def test_both_fit_only_when_their_sizes_are_known() -> None:
    assert fits(24_000_000_000, 8_000_000_000)
    assert not fits(12_000_000_000, 8_000_000_000)
    assert not fits(24_000_000_000, 0)
    assert fits(SPEECH_BYTES + RESERVE + 1, 1)


def test_without_a_card_both_go_at_once_and_nobody_is_asked_to_unload(ollama: FakeOllama, speech: SpeechClient) -> None:
    ollama.load(MODEL)
    turns = lease(ollama, speech, 0)
    with turns.speech(work()), turns.notes(work(), OllamaClient(ollama.url)):
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

    with GpuLease(speech, card=lambda: Card(8_000_000_000), ollama=absent).speech(work()):
        pass


def test_the_second_waits_for_its_turn_and_says_so(ollama: FakeOllama, speech: SpeechClient) -> None:
    turns = lease(ollama, speech, 8_000_000_000)
    waiting, had_turn = work(), threading.Event()

    def notes() -> None:
        with turns.notes(waiting, OllamaClient(ollama.url)):
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
        with pytest.raises(errors.Cancelled), turns.notes(cancelled, OllamaClient(ollama.url)):
            pass
        raise errors.WorkerDied("The worker ended.")
    with turns.speech(work()):
        pass

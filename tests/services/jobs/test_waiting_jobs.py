"""Notes that wait for Ollama go on as soon as it answers with a model, and not before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.jobs.gpu_line import QueueState
from core.domain.jobs.job import Stage, State
from core.errors import CastMindError, OllamaBroke, OllamaUnreachable
from core.llm.ollama import FoundServer, find
from core.notes.language_model import LanguageModel
from core.services.jobs.queue import Queue
from core.services.jobs.waiting_jobs import WaitingJobs
from core.services.settings.setup_checklist import SetupChecklist
from core.speech.client.client import SpeechClient
from tests.fakes.ollama import FakeOllama
from tests.runner_fixture import Rig


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


def waiting_jobs(rig: Rig, url: str) -> WaitingJobs:
    def locate(_configured: str) -> FoundServer:
        return find([url])

    model = LanguageModel(lambda: rig.settings.values, locate=locate)
    checklist = SetupChecklist(rig.store, rig.settings, SpeechClient(), model, rig.data, tasks=Tasks(rig.store))
    return WaitingJobs(rig.store, Queue(rig.store, retry=rig.library.retry, gpu=QueueState), checklist)


def waits(rig: Rig, error: CastMindError) -> int:
    """An episode whose notes wait because of that error."""
    rig.fail(Stage.SUMMARISE, error)
    episode_id = rig.add()
    rig.run_all()
    assert rig.state(episode_id, "summarise") is State.WAITING
    return episode_id


def test_notes_go_on_when_there_is_a_model(rig: Rig, ollama: FakeOllama) -> None:
    ollama.behave(models=["qwen2.5:7b"])
    episode_id = waits(rig, OllamaUnreachable("Ollama does not answer."))
    waiting_jobs(rig, ollama.url).step()
    rig.run_all()
    assert rig.state(episode_id, "summarise") is State.DONE


def test_they_wait_on_while_there_is_none(rig: Rig, ollama: FakeOllama) -> None:
    ollama.behave(models=[])
    episode_id = waits(rig, OllamaUnreachable("Ollama does not answer."))
    waiting_jobs(rig, ollama.url).step()
    rig.run_all()
    assert rig.state(episode_id, "summarise") is State.WAITING


def test_a_model_that_broke_off_is_left_to_its_own_time(rig: Rig, ollama: FakeOllama) -> None:
    ollama.behave(models=["qwen2.5:7b"])
    episode_id = waits(rig, OllamaBroke("Ollama broke off."))
    waiting_jobs(rig, ollama.url).step()
    rig.run_all()
    assert rig.state(episode_id, "summarise") is State.WAITING


def test_a_model_that_was_pulled_wakes_them(rig: Rig, ollama: FakeOllama) -> None:
    episode_id = waits(rig, OllamaUnreachable("Ollama does not answer."))
    waiting_jobs(rig, ollama.url).model_arrived()
    rig.run_all()
    assert rig.state(episode_id, "summarise") is State.DONE

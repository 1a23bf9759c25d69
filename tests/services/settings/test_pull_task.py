"""The task that pulls a model into Ollama: one at a time, its progress told, and on after a stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.errors import Conflict
from core.llm.ollama import find
from core.notes.language_model import LanguageModel
from core.services.settings import pull_task
from core.services.settings.pull_task import PullTask
from core.settings import Settings
from core.store.db.database import Store
from tests.fakes.ollama import FakeOllama
from tests.runner_fixture import until

MODEL = "qwen3:4b"


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        server.behave(models=[], pull_seconds=0.0)
        yield server


@pytest.fixture
def model(ollama: FakeOllama) -> LanguageModel:
    values = Settings(ollama_host=ollama.url)
    return LanguageModel(lambda: values, locate=lambda host: find([host]))


@pytest.fixture
def tasks(store: Store, model: LanguageModel) -> Iterator[Tasks]:
    made = Tasks(store)
    made.register(PullTask(model))
    made.start()
    yield made
    assert made.stop()


def test_a_pull_tells_what_ollama_says_and_the_model_is_there_at_its_end(tasks: Tasks, ollama: FakeOllama) -> None:
    task = tasks.wait(pull_task.begin(tasks, MODEL).id)
    assert (task.key, task.state, task.detail) == (MODEL, State.DONE, {"status": "success"})
    assert ollama.models == [MODEL]


def test_a_second_one_is_refused_by_the_name_of_the_first(tasks: Tasks, ollama: FakeOllama) -> None:
    ollama.behave(pull_seconds=60.0)
    first = pull_task.begin(tasks, MODEL)
    for name in (MODEL, "mistral"):
        with pytest.raises(Conflict, match=MODEL):
            pull_task.begin(tasks, name)
    assert [task.id for task in tasks.listing("pull")] == [first.id]
    tasks.cancel(first.id)
    assert tasks.wait(first.id).state is State.CANCELLED and ollama.models == []
    ollama.behave(pull_seconds=0.0)
    assert tasks.wait(pull_task.begin(tasks, "mistral").id).state is State.DONE


def test_what_ollama_refuses_is_the_task_s_error(tasks: Tasks, ollama: FakeOllama) -> None:
    ollama.behave(pull_fails="no such model")
    task = tasks.wait(pull_task.begin(tasks, "nobody/nothing").id)
    assert task.state is State.FAILED and task.error and "no such model" in task.error["detail"]


def test_a_stop_ends_it_and_the_next_start_goes_on(tasks: Tasks, ollama: FakeOllama) -> None:
    ollama.behave(pull_seconds=60.0)
    task = pull_task.begin(tasks, MODEL)
    until(lambda: bool(ollama.requests["/api/pull"]))
    assert tasks.stop()
    assert tasks.get(task.id).state is State.QUEUED
    ollama.behave(pull_seconds=0.0)
    tasks.start()
    assert tasks.wait(task.id).state is State.DONE and ollama.models == [MODEL]

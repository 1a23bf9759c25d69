from __future__ import annotations

import pytest

from core import errors
from core.events import Event, ModelAsked
from core.llm.counted_client import CountedClient
from core.llm.ollama import ModelAnswer, OllamaClient
from tests.fakes.ollama import FakeOllama

MESSAGES = [{"role": "user", "content": "Say something about the sea."}]


def ask(client: OllamaClient, model: str = "llama3") -> ModelAnswer:
    return client.chat(model, MESSAGES, None, num_ctx=2048, num_predict=50, wall_clock_seconds=30.0)


def test_an_answer_is_told_with_its_tokens_and_its_time() -> None:
    told: list[Event] = []
    with FakeOllama() as ollama:
        ollama.models = ["llama3"]
        answer = ask(CountedClient(ollama.url, publish=told.append))
    (event,) = told
    assert isinstance(event, ModelAsked) and event.error is None and event.seconds > 0
    assert (event.prompt_tokens, event.answer_tokens) == (answer.prompt_eval_count or 0, answer.eval_count or 0)
    assert event.prompt_tokens > 0


def test_a_failure_is_told_with_its_code_and_raised() -> None:
    told: list[Event] = []
    with FakeOllama() as ollama, pytest.raises(errors.OllamaModelMissing):
        ask(CountedClient(ollama.url, publish=told.append), "missing")
    (event,) = told
    assert isinstance(event, ModelAsked) and event.error == errors.OllamaModelMissing.code


def test_a_tuned_copy_tells_too() -> None:
    told: list[Event] = []
    with FakeOllama() as ollama:
        ollama.models = ["llama3"]
        ask(CountedClient(ollama.url, publish=told.append).tuned(threads=2))
    assert len(told) == 1

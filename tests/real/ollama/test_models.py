"""A real Ollama and the models it holds: one that is missing, one that runs elsewhere, contexts that fit or do not."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors, settings
from core.llm.context import OVERHEAD, Demand
from core.llm.ollama import ContextExceeded, OllamaClient, find
from core.notes.chunk_notes import chunk_budget, least_context
from core.notes.language_model import LanguageModel
from core.notes.model_choice import ModelChoice
from tests.notes.conftest import transcript_of
from tests.real.ollama.conftest import Watched
from tests.real.ollama.test_notes import write

pytestmark = pytest.mark.real


def looked_at(url: str, *, free: int | None = None, **wanted: Any) -> LanguageModel:
    environ = {"OLLAMA_HOST": url} | {f"CASTMIND_{name.upper()}": str(value) for name, value in wanted.items()}
    values = settings.load({}, environ=environ).values
    memory: dict[str, Any] = {} if free is None else {"memory": lambda: free}
    return LanguageModel(lambda: values, locate=lambda _: find([url]), **memory)


def chosen(models: LanguageModel, name: str) -> tuple[OllamaClient, ModelChoice]:
    client = models.client()
    return client, models.model(client, name)


def say_one_word(client: OllamaClient, model: str, num_ctx: int, text: str = "Say one word.") -> None:
    client.chat(model, [{"role": "user", "content": text}], None, num_ctx=num_ctx, num_predict=2, wall_clock_seconds=600.0)


def test_a_model_that_is_missing_is_named(ollama_url: str) -> None:
    for name in ("castmind-no-such-model", "castmind-no-such-model:7b", "no/such:model"):
        with pytest.raises(errors.OllamaModelMissing, match=name):
            chosen(looked_at(ollama_url, ollama_model=name), "")
        with pytest.raises(errors.OllamaModelMissing, match=name):
            say_one_word(OllamaClient(ollama_url), name, 2048)


def test_a_model_that_runs_elsewhere_is_seen_as_such(ollama_url: str, remote: str) -> None:
    models = looked_at(ollama_url)
    client, choice = chosen(models, "")
    assert remote not in choice.name
    with pytest.raises(errors.RemoteModel):
        models.model(client, remote)


def test_a_cloud_name_is_refused_before_anything_is_asked(ollama_url: str) -> None:
    for name in ("anything:120b-cloud", "anything:cloud"):
        with pytest.raises(errors.RemoteModel):
            say_one_word(OllamaClient(ollama_url), name, 2048)


def test_what_a_context_takes_is_not_guessed_too_low(ollama_url: str, chat_models: list[str]) -> None:
    models = looked_at(ollama_url)
    for name in chat_models:
        client, choice = chosen(models, name)
        demand = Demand(name, choice.details.context_length, choice.size, choice.details.cache)
        assert demand.cache, name
        longest = min(8192, demand.longest or 8192)
        sizes = []
        for num_ctx in (2048, longest):
            say_one_word(client, name, num_ctx)
            loaded = next(m for m in client.running() if m.name == name)
            guessed = demand.bytes(num_ctx)
            assert guessed and loaded.size <= guessed <= 2 * loaded.size + OVERHEAD
            assert loaded.context in (0, num_ctx)
            sizes.append((loaded.size, guessed))
        grown, guessed_growth = (sizes[1][i] - sizes[0][i] for i in (0, 1))
        assert guessed_growth >= 0.5 * grown


def test_a_context_too_large_for_the_memory_is_lowered_and_works(ollama_url: str, model: str) -> None:
    client, choice = chosen(looked_at(ollama_url), model)
    client.unload_all()
    free = Demand(model, None, choice.size, choice.details.cache).bytes(4096)
    small = looked_at(ollama_url, free=free, ollama_num_ctx=1 << 20)
    fit = small.fit(client, choice)
    assert (fit.num_ctx, fit.why.key, fit.why.params["fits"]) == (4096, "ollama.context_memory", 4096)
    say_one_word(client, model, fit.num_ctx)
    assert next(m for m in client.running() if m.name == model).size <= (free or 0)
    client.unload_all()
    assert looked_at(ollama_url, free=1000).fit(client, choice).num_ctx == 0


def test_a_context_longer_than_the_model_reads_is_lowered_and_works(ollama_url: str, model: str) -> None:
    client, choice = chosen(looked_at(ollama_url), model)
    longest = choice.details.context_length
    assert longest
    fit = looked_at(ollama_url, free=1 << 50, ollama_num_ctx=settings.MOST_CONTEXT).fit(client, choice)
    assert (fit.num_ctx, fit.why.key) == (longest, "ollama.context_model")


def test_a_context_too_small_is_said_before_and_refused_by_the_server(watched: Watched, model: str) -> None:
    with pytest.raises(errors.ContextTooSmall) as refused:
        write(watched, transcript_of("en", 20), model, num_ctx=least_context("en") - 1)
    assert not watched.asked
    assert chunk_budget("en", int(refused.value.params["least"])) > 0
    with pytest.raises(ContextExceeded):
        say_one_word(watched.client, model, 512, "word " * 5000)

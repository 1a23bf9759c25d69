from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from core import errors, settings
from core.notes.ollama import Found, find
from core.pipeline.language_model import RECOMMENDED, RECOMMENDED_LARGE, RECOMMENDED_SMALL, LanguageModel, choose, recommend
from core.settings import Settings
from tests.fakes.ollama import FakeOllama
from tests.pipeline.rig import until


class Asker:
    """A LanguageModel that looks at one address only; `wanted` and `host` are the settings."""

    def __init__(self, host: str) -> None:
        self.host, self.wanted = host, ""
        self.looked: list[str] = []
        self.pulled = threading.Event()
        self.model = LanguageModel(self._settings, on_pulled=self.pulled.set, locate=self._locate)

    def _settings(self) -> Settings:
        return settings.load({}, environ={"OLLAMA_HOST": self.host, "CASTMIND_OLLAMA_MODEL": self.wanted}).values

    def _locate(self, configured: str) -> Found:
        self.looked.append(configured)
        return find([configured])


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


@pytest.fixture
def asker(ollama: FakeOllama) -> Asker:
    return Asker(ollama.url)


def closed_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_wanted_model_or_the_first_that_can_chat() -> None:
    names = ["bge-m3:latest", "nomic-embed-text:latest", "qwen3:4b", "llama3:latest"]
    assert choose(names, "") == "qwen3:4b"
    assert choose(names, "llama3") == "llama3:latest"
    assert choose(names, "qwen3") is None
    assert choose(names[:2], "") is None


def test_the_suggestion_follows_the_computer() -> None:
    assert recommend(8_000_000_000, 0) == RECOMMENDED_SMALL
    assert recommend(16_000_000_000, 0) == RECOMMENDED
    assert recommend(16_000_000_000, 8_000_000_000) == RECOMMENDED_LARGE


def test_the_address_is_looked_for_once_and_again_when_it_changed_or_was_forgotten(asker: Asker, ollama: FakeOllama) -> None:
    for _ in range(2):
        assert asker.model.client().version() == ollama.behaviour.version
    assert len(asker.looked) == 1
    asker.model.forget()
    asker.model.client()
    asker.host = ollama.url.replace("127.0.0.1", "localhost")
    asker.model.client()
    assert len(asker.looked) == 3


def test_no_ollama_is_said_with_the_addresses_that_were_tried(asker: Asker, ollama: FakeOllama) -> None:
    asker.host = closed_address()
    with pytest.raises(errors.OllamaUnreachable, match=asker.host):
        asker.model.client()
    state = asker.model.state()
    assert (state.host, state.chosen, [host for host, _ in state.tried]) == (None, None, [asker.host])
    asker.host = ollama.url
    assert asker.model.state().host == ollama.url


def test_the_state_is_kept_for_a_while_and_refreshed_on_request(asker: Asker, ollama: FakeOllama) -> None:
    assert asker.model.state().chosen == "qwen2.5:7b"
    ollama.behave(models=["llama3:latest"])
    assert asker.model.state().chosen == "qwen2.5:7b"
    assert asker.model.state(refresh=True).models == ("llama3:latest",)


def test_a_model_that_is_missing_is_named_with_what_to_do(asker: Asker, ollama: FakeOllama) -> None:
    assert asker.model.model(asker.model.client()) == "qwen2.5:7b"
    with pytest.raises(errors.OllamaModelMissing, match="ollama pull mistral"):
        asker.model.model(asker.model.client(), "mistral")
    ollama.behave(models=[])
    with pytest.raises(errors.OllamaModelMissing, match=RECOMMENDED):
        asker.model.model(asker.model.client())


def test_a_pull_is_told_as_it_goes_and_ends_with_the_model_there(asker: Asker) -> None:
    asker.wanted = "llama3"
    assert asker.model.state().chosen is None
    asker.model.pull("llama3")
    assert asker.pulled.wait(30.0)
    pulled = asker.model.pull_state()
    assert pulled
    assert (pulled.name, pulled.state) == ("llama3", "done")
    assert asker.model.state().chosen == "llama3"


def test_one_pull_at_a_time_and_it_can_be_cancelled(asker: Asker, ollama: FakeOllama) -> None:
    ollama.behave(pull_seconds=60.0)
    asker.model.pull("llama3")
    with pytest.raises(errors.Conflict, match="llama3"):
        asker.model.pull("mistral")
    asker.model.cancel_pull()
    until(partial(has_ended, asker, "cancelled"))
    ollama.behave(pull_seconds=0.0)
    asker.model.pull("mistral")
    until(partial(has_ended, asker, "done"))


def test_a_pull_that_fails_keeps_its_reason(asker: Asker, ollama: FakeOllama) -> None:
    ollama.behave(pull_fails="pull model manifest: file does not exist")
    asker.model.pull("nonsense")
    until(partial(has_ended, asker, "failed"))
    pulled = asker.model.pull_state()
    assert pulled
    assert "file does not exist" in (pulled.error or "")
    assert not asker.pulled.is_set()


def has_ended(asker: Asker, how: str) -> bool:
    pulled = asker.model.pull_state()
    return pulled is not None and pulled.state == how

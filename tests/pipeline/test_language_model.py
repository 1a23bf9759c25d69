from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from core import errors, settings
from core.notes.ollama import Found, find
from core.pipeline.language_model import RECOMMENDED, RECOMMENDED_LARGE, RECOMMENDED_SMALL, LanguageModel, recommend
from core.settings import Settings
from tests.fakes.ollama import FakeOllama
from tests.pipeline.rig import until


class Asker:
    """A LanguageModel that looks at one address only; `wanted` and `host` are the settings."""

    def __init__(self, host: str) -> None:
        self.host, self.wanted, self.remote = host, "", "false"
        self.looked: list[str] = []
        self.pulled = threading.Event()
        self.model = LanguageModel(self._settings, on_pulled=self.pulled.set, locate=self._locate)

    def _settings(self) -> Settings:
        return settings.load(
            {},
            environ={
                "OLLAMA_HOST": self.host,
                "CASTMIND_OLLAMA_MODEL": self.wanted,
                "CASTMIND_OLLAMA_REMOTE_MODELS": self.remote,
            },
        ).values

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
    assert asker.model.model(asker.model.client()).name == "qwen2.5:7b"
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


# --- what may be chosen ------------------------------------------------------------------------------------

ELSEWHERE = {"remote_host": "https://elsewhere.example:443", "remote_model": "giant"}


@pytest.mark.parametrize("name", ["aaa:cloud", "aaa:120b-cloud", "someone/aaa:671B-Cloud", "reg.example:5000/x/aaa:cloud"])
def test_a_cloud_tag_is_never_chosen_and_refused_by_name(asker: Asker, ollama: FakeOllama, name: str) -> None:
    ollama.behave(models=[name, "zeta:7b"])
    assert asker.model.model(asker.model.client()).name == "zeta:7b"
    asker.wanted = name
    with pytest.raises(errors.RemoteModel, match="another computer"):
        asker.model.model(asker.model.client())
    with pytest.raises(errors.RemoteModel):
        asker.model.client().chat(
            name, [{"role": "user", "content": "secret"}], None, num_ctx=512, num_predict=9, wall_clock_seconds=9
        )
    assert not ollama.chats
    state = asker.model.state(refresh=True)
    assert state.chosen is None and state.why.key == "error.ollama_remote_model"
    asker.remote = "true"
    assert asker.model.model(asker.model.client()).name == name


@pytest.mark.parametrize("sign", [ELSEWHERE, {"remote_host": "https://x.example"}, {"remote_model": "giant"}])
@pytest.mark.parametrize("where", ["tags", "shows"])
def test_a_model_that_runs_elsewhere_is_told_by_the_list_or_by_show_alone(
    asker: Asker, ollama: FakeOllama, where: str, sign: dict[str, str]
) -> None:
    ollama.behave(models=["aaa:7b"], **{where: {"aaa:7b": sign}})
    with pytest.raises(errors.OllamaModelMissing):
        asker.model.model(asker.model.client())
    with pytest.raises(errors.RemoteModel, match="aaa:7b"):
        asker.model.model(asker.model.client(), "aaa:7b")
    ollama.behave(models=["aaa:7b", "zeta:7b"])
    assert asker.model.model(asker.model.client()).name == "zeta:7b"
    assert not ollama.chats
    asker.remote = "true"
    assert asker.model.model(asker.model.client()).name == "zeta:7b"
    assert asker.model.model(asker.model.client(), "aaa:7b").details.name == "aaa:7b"


def test_an_answer_from_elsewhere_ends_the_work(asker: Asker, ollama: FakeOllama) -> None:
    ollama.behave(chat_rows=ELSEWHERE)
    with pytest.raises(errors.RemoteModel):
        asker.model.client().chat(
            "qwen2.5:7b", [{"role": "user", "content": "one"}], None, num_ctx=512, num_predict=9, wall_clock_seconds=9
        )


def test_what_show_says_cannot_write_is_not_chosen(asker: Asker, ollama: FakeOllama) -> None:
    ollama.behave(models=["qwen3:4b", "zeta:1b"], shows={"qwen3:4b": {"capabilities": ["embedding"]}})
    assert asker.model.model(asker.model.client()).name == "zeta:1b"
    with pytest.raises(errors.NotAChatModel, match=r"qwen3:4b"):
        asker.model.model(asker.model.client(), "qwen3:4b")

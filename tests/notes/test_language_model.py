from __future__ import annotations

import socket
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from core import errors, settings
from core.events import Event, ModelPulled
from core.llm.ollama import FoundServer, OllamaClient, find
from core.notes.language_model import LanguageModel
from core.notes.model_choice import RECOMMENDED
from core.settings import Settings
from tests.fakes.ollama import FakeOllama


class Asker:
    """A LanguageModel that looks at one address only; `wanted` and `host` are the settings."""

    def __init__(self, host: str) -> None:
        self.host, self.wanted, self.remote = host, "", "false"
        self.looked: list[str] = []
        self.published: SimpleQueue[Event] = SimpleQueue()
        self.model = LanguageModel(self._settings, publish=self.published.put, locate=self._locate)

    def _settings(self) -> Settings:
        return settings.load(
            {},
            environ={
                "OLLAMA_HOST": self.host,
                "CASTMIND_OLLAMA_MODEL": self.wanted,
                "CASTMIND_OLLAMA_REMOTE_MODELS": self.remote,
            },
        ).values

    def _locate(self, configured: str) -> FoundServer:
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
    assert asker.model.state(refresh=True).models[0].name == "llama3:latest"


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
    told: list[tuple[str, int, int]] = []
    asker.model.pull("llama3", lambda *each: told.append(each))
    assert asker.published.get(timeout=30.0) == ModelPulled(model="llama3")
    assert told and asker.model.state().chosen == "llama3"


def test_a_pull_that_is_cancelled_or_fails_tells_of_no_model(asker: Asker, ollama: FakeOllama) -> None:
    ollama.behave(pull_seconds=60.0)
    with pytest.raises(errors.Cancelled):
        asker.model.pull("llama3", lambda *_: None, cancelled=lambda: True)
    ollama.behave(pull_seconds=0.0, pull_fails="pull model manifest: file does not exist")
    with pytest.raises(errors.CastMindError, match="file does not exist"):
        asker.model.pull("nonsense", lambda *_: None)
    assert asker.published.empty()


# --- choice of models --------------------------------------------------------------------------------------

ELSEWHERE = {"remote_host": "https://elsewhere.example:443", "remote_model": "giant"}


@pytest.mark.parametrize(
    "name",
    ["aaa:cloud", "aaa:120b-cloud", "someone/aaa:671B-Cloud", "reg.example:5000/x/aaa:cloud", "aaa:20b:cloud", "aaa:20b: Cloud"],
)
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


@pytest.mark.parametrize("fails", [500, 404, 400, 502])
def test_one_that_cannot_be_looked_at_is_passed_over(asker: Asker, ollama: FakeOllama, fails: int) -> None:
    ollama.behave(models=["qwen3:8b", "zeta:7b"], show_fails={"qwen3:8b": fails})
    assert asker.model.model(asker.model.client()).name == "zeta:7b"
    assert asker.model.state().chosen == "zeta:7b"
    with pytest.raises(errors.CastMindError):
        asker.model.model(asker.model.client(), "qwen3:8b")
    ollama.behave(models=["qwen3:8b"])
    with pytest.raises(errors.CastMindError):
        asker.model.model(asker.model.client())
    assert asker.model.state(refresh=True).why


@pytest.mark.parametrize(
    "row",
    [
        {"details": None},
        {"details": "none"},
        {"details": {"family": None, "families": "llama"}},
        {"size": None},
        {"size": "big"},
        {"size": -1},
        {"capabilities": None},
        {"capabilities": "completion"},
        {"capabilities": {"completion": True}},
    ],
)
def test_a_list_of_another_kind_of_server_is_read_for_what_it_says(
    asker: Asker, ollama: FakeOllama, row: dict[str, object]
) -> None:
    ollama.behave(models=["aaa:7b"], tags={"aaa:7b": row}, shows={"aaa:7b": {"capabilities": row.get("capabilities")}})
    assert asker.model.model(asker.model.client()).name == "aaa:7b"


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


# --- how much it takes -------------------------------------------------------------------------------------

EIGHT = {
    "general.architecture": "llama",
    "llama.context_length": 131072,
    "llama.block_count": 32,
    "llama.embedding_length": 4096,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
}


def sized(ollama: FakeOllama, free: int, *, card: int = 0, num_ctx: int = 32768) -> LanguageModel:
    values = settings.load({}, environ={"OLLAMA_HOST": ollama.url, "CASTMIND_OLLAMA_NUM_CTX": str(num_ctx)}).values
    return LanguageModel(lambda: values, locate=lambda _: find([ollama.url]), card=lambda: card, memory=lambda: free)


@pytest.mark.parametrize(
    ("free", "card", "num_ctx", "used", "key"),
    [
        (6_500_000_000, 0, 32768, 8192, "ollama.context_memory"),
        (20_000_000_000, 0, 32768, 32768, ""),
        (2_000_000_000, 0, 32768, 0, "ollama.no_memory"),
        (20_000_000_000, 8_000_000_000, 32768, 32768, "ollama.context_card"),
        (20_000_000_000, 4_000_000_000, 8192, 8192, "ollama.model_card"),
        (900_000_000_000, 0, 400_000, 131072, "ollama.context_model"),
    ],
)
def test_what_does_not_fit_is_said_before_a_job(
    ollama: FakeOllama, free: int, card: int, num_ctx: int, used: int, key: str
) -> None:
    ollama.behave(shows={"qwen2.5:7b": {"model_info": EIGHT}})
    model = sized(ollama, free, card=card, num_ctx=num_ctx)
    state = model.state()
    assert state.fit
    assert (state.fit.num_ctx, state.fit.why.key, state.usable) == (used, key, used > 0)
    client = model.client()
    assert model.fit(client, model.model(client)).num_ctx == used
    assert not ollama.chats and not ollama.requests["/api/generate"]


def test_memory_that_the_model_holds_itself_counts_as_free(ollama: FakeOllama) -> None:
    ollama.behave(shows={"qwen2.5:7b": {"model_info": EIGHT}}, ps_rows={"size": 6_000_000_000, "size_vram": 0})
    model = sized(ollama, 2_000_000_000)
    assert not model.state().usable
    ollama.load("qwen2.5:7b")
    fit = model.state(refresh=True).fit
    assert fit and fit.num_ctx == 16384


def test_heads_that_differ_from_layer_to_layer_are_asked_for_at_length(ollama: FakeOllama) -> None:
    ollama.behave(
        shows={"qwen2.5:7b": {"model_info": EIGHT | {"llama.attention.head_count_kv": []}}},
        verbose_facts={"llama.attention.head_count_kv": [8, 0] * 16},
    )
    details = OllamaClient(ollama.url).show("qwen2.5:7b")
    assert details.cache and details.cache.full == 16 * 8 * 256 * 2


def test_memory_of_another_computer_is_not_judged(ollama: FakeOllama) -> None:
    ollama.behave(shows={"qwen2.5:7b": {"model_info": EIGHT}})
    model = sized(ollama, 1)
    client = model.client()
    choice = model.model(client)
    assert model.fit(client, choice).num_ctx == 0
    assert model.fit(OllamaClient("http://192.0.2.7:11434"), choice).num_ctx == 32768
    assert not model.on_processor(OllamaClient("http://192.0.2.7:11434"), choice.name)


def test_where_a_model_reckons_is_learnt_from_the_server(ollama: FakeOllama) -> None:
    model = sized(ollama, 20_000_000_000)
    client = model.client()
    assert model.on_processor(client, "qwen2.5:7b")
    ollama.load("qwen2.5:7b")
    assert not model.on_processor(client, "qwen2.5:7b")
    ollama.unload("qwen2.5:7b")
    assert not model.on_processor(client, "qwen2.5:7b")
    ollama.behave(ps_rows={"size_vram": 0})
    ollama.load("qwen2.5:7b")
    with_card = sized(ollama, 20_000_000_000, card=8_000_000_000)
    assert with_card.on_processor(client, "qwen2.5:7b")
    ollama.unload("qwen2.5:7b")
    assert not sized(ollama, 20_000_000_000, card=8_000_000_000).on_processor(client, "qwen2.5:7b")

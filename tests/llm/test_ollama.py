"""The client against a server on loopback: answers, limits, cancels, and each failure as the error that it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core import errors
from core.llm.ollama import ContextExceeded, ModelAnswer, OllamaClient, Stream
from core.notes.answers.json_schemas import MOST, map_schema
from tests.fakes.ollama import FakeOllama

MODEL = "qwen2.5:7b"


def ask(fake: FakeOllama, *, cancelled: Callable[[], bool] = lambda: False, seconds: float = 20.0, **changes: Any) -> ModelAnswer:
    given: dict[str, Any] = {"num_ctx": 4096, "num_predict": 500} | changes
    messages = [{"role": "user", "content": "Check code: 12345\n[1] We need fifty more hours."}]
    return OllamaClient(fake.url).chat(
        given.pop("model", MODEL), messages, map_schema(1, MOST), wall_clock_seconds=seconds, cancelled=cancelled, **given
    )


def test_an_answer_with_its_counts(fake: FakeOllama) -> None:
    answer = ask(fake)
    assert '"code": "12345"' in answer.text
    assert answer.done_reason == "stop"
    assert answer.prompt_eval_count
    assert answer.eval_count


def test_counts_that_the_server_leaves_out_are_unknown(fake: FakeOllama) -> None:
    fake.behave(counts="none")
    assert ask(fake).prompt_eval_count is None


def test_a_prompt_that_is_too_long_is_refused_not_cut(fake: FakeOllama) -> None:
    with pytest.raises(ContextExceeded):
        ask(fake, num_ctx=8)


def test_a_cancel_is_obeyed_while_the_server_is_silent(fake: FakeOllama) -> None:
    fake.behave(breaks="hang")
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(errors.Cancelled):
        ask(fake, cancelled=stop.is_set, seconds=60.0)


def test_a_wall_clock_limit_holds(fake: FakeOllama) -> None:
    fake.behave(delay=30.0)
    with pytest.raises(errors.OllamaTimeout) as caught:
        ask(fake, seconds=0.3)
    assert isinstance(caught.value, errors.Transient)


def test_white_space_without_end_is_an_answer_that_did_not_come_to_an_end(fake: FakeOllama) -> None:
    fake.behave(answers="blank")
    assert ask(fake).done_reason == "length"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (0, ""),
        (0, "llama runner process has terminated: signal: killed"),
        (500, "llama runner process has terminated: exit status 2"),
        (500, "do load request: EOF"),
        (502, "bad gateway"),
        (504, ""),
    ],
)
def test_a_server_that_breaks_down_is_no_fault_of_the_model(fake: FakeOllama, status: int, says: str) -> None:
    fake.behave(status=status, says=says, breaks="error" if says else "half")
    with pytest.raises(errors.OllamaBroke) as caught:
        ask(fake)
    assert isinstance(caught.value, errors.OutsideCondition)
    assert says in caught.value.detail and "another model" not in caught.value.detail


@pytest.mark.parametrize(
    "says",
    [
        "model requires more system memory (9.5 GiB) than is available (6.1 GiB)",
        "an error was encountered while running the model: CUDA error: out of memory",
        "cudaMalloc failed: out of memory",
    ],
)
@pytest.mark.parametrize("status", [0, 500])
def test_too_little_memory_is_said_as_such(fake: FakeOllama, says: str, status: int) -> None:
    fake.behave(status=status, says=says, breaks="error")
    with pytest.raises(errors.OllamaNoMemory, match="smaller model"):
        ask(fake)


def test_how_far_an_answer_is_is_told_while_it_comes(fake: FakeOllama) -> None:
    fake.behave(delay=0.4, piece_delay=0.05)
    told: list[Stream] = []
    messages = [{"role": "user", "content": "Check code: 12345\n[1] We need fifty more hours."}]
    client = OllamaClient(fake.url).tuned(watch=told.append)
    client.chat(MODEL, messages, map_schema(1, MOST), num_ctx=4096, num_predict=500, wall_clock_seconds=20.0)
    assert [s.tokens for s in told] == sorted(s.tokens for s in told)
    assert told[0].tokens == 0 and told[0].first is None
    writing = [s for s in told if s.tokens]
    assert writing and len({s.tokens for s in writing}) > 1
    assert all(s.first is not None and s.reading == s.first <= s.seconds for s in writing)
    assert len({s.started for s in told}) == 1


def test_busy_missing_and_gone(fake: FakeOllama) -> None:
    fake.behave(busy=1)
    with pytest.raises(errors.OllamaBusy):
        ask(fake)
    with pytest.raises(errors.OllamaModelMissing) as caught:
        ask(fake, model="llama9")
    assert caught.value.params == {"model": "llama9", "host": fake.url, "case": "named"}
    with pytest.raises(errors.OllamaUnreachable):
        OllamaClient("http://127.0.0.1:1").version()
    with pytest.raises(errors.OllamaUnreachable):
        OllamaClient("http://127.0.0.1:1").models()


def test_what_is_installed_and_what_it_can(fake: FakeOllama) -> None:
    client = OllamaClient(fake.url)
    assert client.version() == "0.13.0"
    (model,) = client.models()
    assert (model.name, model.parameters, model.quantization) == (MODEL, "7.6B", "Q4_K_M")
    details = client.show(MODEL)
    assert details.context_length == 32768
    assert details.chats
    with pytest.raises(errors.OllamaModelMissing):
        client.show("llama9")


def test_unloading_waits_until_the_memory_is_free(fake: FakeOllama) -> None:
    client = OllamaClient(fake.url)
    ask(fake)
    assert [m.name for m in client.running()] == [MODEL]
    fake.behave(unload_delay=0.3)
    assert client.unload_all() == ()
    assert client.running() == ()
    assert client.unload_all() == ()


def test_unloading_tells_what_stays(fake: FakeOllama) -> None:
    ask(fake)
    fake.behave(unload_delay=600.0)
    (left,) = OllamaClient(fake.url).unload_all(wait_seconds=0.3)
    assert left.name == MODEL
    assert left.vram > 0


def test_a_model_that_was_deleted_while_it_was_loaded_keeps_no_other_loaded(fake: FakeOllama) -> None:
    fake.behave(models=("other:7b", MODEL))
    client = OllamaClient(fake.url)
    for model in ("other:7b", MODEL):
        client.chat(model, [{"role": "user", "content": "Hello"}], None, num_ctx=2048, num_predict=8, wall_clock_seconds=20.0)
    fake.behave(models=(MODEL,))
    assert [left.name for left in client.unload_all(wait_seconds=0.3)] == ["other:7b"]


def test_pulling_a_model_tells_its_progress(fake: FakeOllama) -> None:
    client = OllamaClient(fake.url)
    steps: list[tuple[str, int, int]] = []
    client.pull("llama3.2:3b", lambda *step: steps.append(step))
    assert steps[0] == ("pulling manifest", 0, 0)
    assert [done for _, done, total in steps if total] == sorted(done for _, done, total in steps if total)
    assert steps[-1][0] == "success"
    assert "llama3.2:3b" in [m.name for m in client.models()]


def test_a_pull_can_be_cancelled_and_can_fail(fake: FakeOllama) -> None:
    client = OllamaClient(fake.url)
    fake.behave(pull_seconds=60.0)
    steps: list[str] = []
    with pytest.raises(errors.Cancelled):
        client.pull("llama3.2:3b", lambda status, done, total: steps.append(status), cancelled=lambda: bool(steps))
    fake.behave(pull_seconds=0.1, pull_fails="pull model manifest: file does not exist")
    with pytest.raises(errors.OllamaBadAnswer, match="file does not exist"):
        client.pull("llama3.2:3b", lambda status, done, total: None)
    assert "llama3.2:3b" not in [m.name for m in client.models()]


def test_no_proxy_of_the_environment_is_used(fake: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert OllamaClient(fake.url).models()
    assert ask(fake).text

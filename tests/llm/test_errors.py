"""Failures between CastMind and Ollama, as errors that name the remedy."""

from __future__ import annotations

import httpx
import ollama
import pytest

from core import errors
from core.llm.errors import ContextExceeded, broke, remote_refused, translated

HOST = "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (404, "model 'm' not found", errors.OllamaModelMissing),
        (404, "404 page not found", errors.OllamaBadAnswer),
        (413, "", ContextExceeded),
        (400, "the input length exceeds the context length", ContextExceeded),
        (500, "the request exceeds the available context size", ContextExceeded),
        (500, "context deadline", errors.OllamaBroke),
        (500, "model requires more system memory (9 GiB)", errors.OllamaNoMemory),
        (500, "unable to allocate CUDA0 buffer", errors.OllamaNoMemory),
        (502, "", errors.OllamaBroke),
        (429, "", errors.OllamaBusy),
        (503, "server busy", errors.OllamaBusy),
        (302, "", errors.OllamaBadAnswer),
        (401, "unauthorized", errors.OllamaBadAnswer),
    ],
)
def test_a_refusal_is_told_by_its_status_and_words(status: int, said: str, kind: type[Exception]) -> None:
    assert type(translated(ollama.ResponseError(said, status), HOST, "m", 9.0)) is kind


def test_a_refusal_of_httpx_is_the_same() -> None:
    request = httpx.Request("GET", HOST)
    error = httpx.HTTPStatusError("no", request=request, response=httpx.Response(503, request=request))
    assert type(translated(error, HOST, "m", 9.0)) is errors.OllamaBusy


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), errors.OllamaTimeout),
        (httpx.ReadTimeout("slow"), errors.OllamaTimeout),
        (httpx.RemoteProtocolError("cut"), errors.OllamaBroke),
        (httpx.ConnectError("refused"), errors.OllamaUnreachable),
        (ConnectionRefusedError(), errors.OllamaUnreachable),
        (httpx.InvalidURL("x"), errors.OllamaUnreachable),
        (httpx.DecodingError("gzip"), errors.OllamaBadAnswer),
        (RecursionError(), errors.OllamaBadAnswer),
        (KeyError("message"), errors.OllamaBadAnswer),
    ],
)
def test_a_failure_on_the_way_is_told_apart(error: Exception, kind: type[Exception]) -> None:
    assert type(translated(error, HOST, "m", 9.0)) is kind


@pytest.mark.parametrize("error", [errors.Cancelled(), MemoryError(), OSError("disk")])
def test_what_does_not_come_from_ollama_stays_what_it_is(error: Exception) -> None:
    assert translated(error, HOST, "m", 9.0) is None


def test_the_page_of_a_proxy_and_endless_words_are_not_shown() -> None:
    found = translated(ollama.ResponseError("<html><h1>Bad gateway</h1>", 418), HOST, "m", 9.0)
    assert found and "html" not in found.detail and found.params["reason"] == ""
    found = translated(ollama.ResponseError("x" * 9000, 418), HOST, "m", 9.0)
    assert found and len(found.detail) < 500


def test_a_reason_is_said_once_and_where_a_model_runs_only_if_it_is_known() -> None:
    assert "answer: killed. Finished" in broke("killed.").detail and "answer. Finished" in broke().detail
    assert "(ollama.com)" in remote_refused("m", "ollama.com").detail
    assert "(" not in remote_refused("m").detail.split(":")[0]

"""A real language model writes notes: it read the whole transcript, and no false quote counts as verified.

The quality of a small model's notes is not tested. A model that fails the format gives an error with its name, and no notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from core import errors
from core.domain.notes.note import Action, Notes, Point
from core.domain.transcripts.transcript import Transcript
from core.llm.ollama import OllamaClient
from core.notes import server_gauge
from core.notes.summarise import NotesRequest, summarise
from core.notes.verify import Finder
from tests.notes.conftest import transcript_of
from tests.real.ollama.conftest import Log, Watched, count_tokens

pytestmark = pytest.mark.real

# Evaluated prompt tokens allowed per transcript token.
MOST_PROCESSED = 1.3
THINKING = "castmind-test-thinking"


def write(
    client: Any,
    transcript: Transcript,
    model: str,
    *,
    num_ctx: int = 4096,
    kept: dict[str, Any] | None = None,
    stop_after: int = 10**9,
    done: Mapping[str, Any] | None = None,
) -> Notes:
    """Write notes as the pipeline does; `kept` receives the finished parts; cancel after `stop_after` of them."""
    parts = {} if kept is None else kept
    return summarise(
        transcript,
        NotesRequest(model, "en", num_ctx=num_ctx, wall_clock_seconds=1800.0),
        client=client,
        done=done or {},
        on_chunk=parts.__setitem__,
        on_progress=lambda fraction, detail: None,
        cancelled=lambda: len(parts) >= stop_after,
    )


def try_to_write(client: Any, transcript: Transcript, model: str, **options: Any) -> Notes | None:
    """Return the checked result of `write`; None if the model fails the format and the error names it."""
    try:
        notes = write(client, transcript, model, **options)
    except errors.OllamaBadAnswer as error:
        assert model in error.detail
        return None
    assert notes.coverage == 1.0
    finder = Finder(transcript.segments)
    items: list[Point | Action] = [*notes.points, *notes.actions]
    for item in items:
        assert not item.verified or finder.find(item.quote) is not None, item
    return notes


def test_all_is_read_and_nothing_false_is_proven(watched: Watched, chat_models: list[str]) -> None:
    """For each model of the server, weak ones included."""
    for model in chat_models:
        try_to_write(watched, transcript_of("en", 40), model)
    assert watched.answers
    assert all(a.prompt_eval_count for a in watched.answers)


def test_sixteen_minutes_cost_hardly_more_tokens_than_they_have(
    ollama_url: str, watched: Watched, model: str, server_log: Log
) -> None:
    """By the server's own count of evaluated tokens, including retries and proofs; no proof was cached."""
    server_gauge.forget_all()
    transcript = transcript_of("en", 240)
    own = count_tokens(ollama_url, model, " ".join(s.text for s in transcript.segments), num_ctx=8192)
    server_log.start = server_log.path.stat().st_size
    try_to_write(watched, transcript, model, num_ctx=8192)
    processed, from_cache = server_log.processed()
    told = f"{model}: transcript {own}, worked through {processed}, from the cache {from_cache}, by its counts {watched.sent}"
    print(told)
    # A less detailed log (no OLLAMA_DEBUG, another wording) would look as if nothing had been evaluated.
    assert processed > own, told
    assert processed <= MOST_PROCESSED * own, told


def test_the_server_proves_that_it_refuses_what_does_not_fit(watched: Watched, model: str) -> None:
    """The basis of the proof: the server counts each word appended to a prompt, and refuses too many."""
    sent = [{"role": "user", "content": "We planted maples by the river. " * 20}]
    options: dict[str, Any] = {"num_ctx": 4096, "num_predict": 1, "wall_clock_seconds": 600.0}
    before = watched.chat(model, sent, None, **options).prompt_eval_count
    longer = [{"role": "user", "content": sent[0]["content"] + "\n" + " ".join(["one", "two", "red", "sun"] * 16)}]
    assert server_gauge.grew(before, watched.chat(model, longer, None, **options).prompt_eval_count, 64)
    with pytest.raises(errors.OllamaBadAnswer, match="does not fit"):
        watched.chat(model, [{"role": "user", "content": "one two red sun " * 4096}], None, **options)


def test_a_run_that_was_stopped_goes_on_where_it_was(watched: Watched, model: str) -> None:
    transcript = transcript_of("en", 120)
    kept: dict[str, Any] = {}
    try:
        write(watched, transcript, model, num_ctx=2560, kept=kept, stop_after=1)
    except errors.Cancelled:
        pass
    except errors.OllamaBadAnswer:
        pytest.skip(f"{model} is too weak to finish a part.")
    assert kept
    first = watched.asked[0][0].split("[1] ")[1].splitlines()[0]
    watched.asked.clear()
    try_to_write(watched, transcript, model, num_ctx=2560, done=kept)
    assert first not in "\n".join(p for p, _ in watched.asked)


def test_a_model_that_is_not_there_is_named(watched: Watched) -> None:
    with pytest.raises(errors.OllamaModelMissing, match="nobody-has-this"):
        write(watched, transcript_of("en", 8), "nobody-has-this:1b")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "nobody-has-this:cloud"])
def test_nothing_is_sent_to_a_model_elsewhere(watched: Watched, name: str) -> None:
    with pytest.raises(errors.RemoteModel):
        write(watched, transcript_of("en", 8), name)
    assert not watched.answers


def test_a_context_that_is_too_small_is_said_at_once(watched: Watched, model: str) -> None:
    with pytest.raises(errors.ContextTooSmall):
        write(watched, transcript_of("en", 8), model, num_ctx=512)
    assert not watched.asked


@pytest.fixture
def thinking(ollama_url: str, model: str) -> Iterator[str]:
    """Return the chosen model with a template that makes it think before every answer, whatever `think` says."""
    turn = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}"
    template = f'{turn}<|im_start|>assistant\n<think>\nOkay, let me see {{"points": [\n'
    body = {"model": THINKING, "from": model, "template": template, "stream": False}
    reply = httpx.post(f"{ollama_url}/api/create", json=body, timeout=300.0, trust_env=False)
    reply.raise_for_status()
    yield THINKING
    httpx.request("DELETE", f"{ollama_url}/api/delete", json={"model": THINKING}, timeout=60.0, trust_env=False)


def test_a_model_that_thinks_aloud_writes_notes_or_is_named(ollama_url: str, thinking: str) -> None:
    watched = Watched(OllamaClient(ollama_url))
    notes = try_to_write(watched, transcript_of("en", 20), thinking)
    assert watched.answers
    if notes is not None:
        assert "<think>" not in notes.tldr and "{" not in notes.tldr

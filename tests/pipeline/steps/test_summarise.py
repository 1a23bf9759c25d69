"""The summarise step, with a fake Ollama over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.domain.jobs.job import State
from core.domain.notes.ollama_state import Fit
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.llm import machine
from core.pipeline.steps.fetch import Fetched
from core.pipeline.steps.summarise import CONTEXT, Clock, context_for, notes_language
from core.settings import Settings
from core.store.jobs import jobs
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import transcript_of
from tests.pipeline.steps.conftest import F, S, T, exported, take_in
from tests.runner_fixture import Rig


def test_without_ollama_there_are_notes_at_once_and_better_ones_when_it_answers(real: Rig, ollama: FakeOllama) -> None:
    ollama.behave(models=[])
    episode = take_in(real, "en_short.wav")
    real.run_all()
    assert real.states(episode) == "ddwd"
    error = real.job(episode, S).error
    assert error
    assert error["code"] == "ollama_model_missing"
    before = real.library.notes(OWNER, episode)
    assert before
    assert (before.notes.engine, before.notes.verified_share) == ("extractive", 1.0)
    summary = json.loads(exported(real, ".json"))["summary"]
    assert summary["engine"] == "extractive"
    ollama.behave(models=["qwen2.5:7b"])
    real.store.write(lambda db: jobs.wake(db, S))
    real.run_all()
    assert real.states(episode) == "dddd"
    after = real.library.notes(OWNER, episode)
    assert after
    assert after.notes.engine == "ollama"
    assert json.loads(exported(real, ".json"))["summary"]["engine"] == "ollama"


def test_no_transcript_is_sent_to_a_model_that_runs_elsewhere(real: Rig, ollama: FakeOllama) -> None:
    ollama.behave(models=["mine:7b"], shows={"mine:7b": {"remote_host": "https://elsewhere.example"}})
    with pytest.raises(errors.RemoteModel):
        real.settings.save(OWNER, "ollama_model", "aaa:120b-cloud")
    real.settings.save(OWNER, "ollama_model", "mine:7b")
    episode = take_in(real, "en_short.wav")
    real.run_all()
    error = real.job(episode, S).error
    assert error and error["code"] == "ollama_remote_model" and real.states(episode) == "ddwd"
    assert not ollama.chats and not ollama.requests["/api/generate"]
    real.settings.save(OWNER, "ollama_remote_models", True)
    real.store.write(lambda db: jobs.wake(db, S))
    real.run_all()
    assert real.states(episode) == "dddd" and ollama.chats


LARGE = {
    "general.architecture": "llama",
    "llama.context_length": 131072,
    "llama.block_count": 32,
    "llama.embedding_length": 4096,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 32,
}


@pytest.mark.parametrize(
    ("facts", "size", "code"),
    [(LARGE, 10**15, "ollama_no_memory"), (LARGE | {"llama.context_length": 512}, 10**6, "context_too_small")],
)
def test_a_model_that_cannot_be_used_waits_and_asks_nothing(
    real: Rig, ollama: FakeOllama, facts: dict[str, Any], size: int, code: str
) -> None:
    ollama.behave(shows={"qwen2.5:7b": {"model_info": facts}}, tags={"qwen2.5:7b": {"size": size}})
    episode = take_in(real, "en_short.wav")
    real.run_all()
    job = real.job(episode, S)
    assert (job.state, (job.error or {})["code"]) == (State.WAITING, code)
    assert "qwen2.5:7b" in (job.error or {})["detail"]
    assert not ollama.chats and not ollama.loaded_now()


def test_the_context_is_lowered_to_what_fits_and_a_core_left_free(real: Rig, ollama: FakeOllama) -> None:
    free = machine.free_memory() or 0
    # Half a megabyte per token: the free memory fits only part of the requested context.
    ollama.behave(shows={"qwen2.5:7b": {"model_info": LARGE}}, tags={"qwen2.5:7b": {"size": free // 4}})
    real.settings.save(OWNER, "ollama_num_ctx", min(1 << 20, 4 * free // (1 << 19)))
    take_in(real, "en_short.wav")
    real.run_all()
    options = [chat.body["options"] for chat in ollama.chats]
    assert options and all(0 < o["num_ctx"] * (1 << 19) < free for o in options)
    assert options[0]["num_thread"] == machine.spare_threads()


def test_a_run_that_goes_on_keeps_the_context_of_the_one_before(real: Rig) -> None:
    values = Settings(ollama_num_ctx=16384)
    first = context_for(Fit(8192), "m", values, {})
    assert first.payload["num_ctx"] == 8192
    for fit, model, wanted, used in [
        (16384, "m", 16384, 8192),
        (4096, "m", 16384, 4096),
        (16384, "n", 16384, 16384),
        (4096, "m", 4096, 4096),
    ]:
        kept = {CONTEXT: first.payload}
        assert context_for(Fit(fit), model, Settings(ollama_num_ctx=wanted), kept).payload["num_ctx"] == used


def test_notes_that_take_too_long_are_kept_in_part_and_gone_on_with(real: Rig, ollama: FakeOllama) -> None:
    real.settings.save(OWNER, "ollama_num_ctx", 4096)
    real.settings.save(OWNER, "notes_minutes", 0.0001)
    transcript = transcript_of("en", 300)
    real.stages[T] = lambda given, work: transcript
    real.stages[F] = lambda given, work: Fetched("uploads/a.wav")
    episode = real.add()
    real.run_all()
    assert real.states(episode) == "ddfd"
    error = real.job(episode, S).error or {}
    part = real.library.notes(OWNER, episode)
    assert part and error["code"] == "notes_unfinished"
    assert (part.notes.engine, 0 < part.notes.coverage < 1) == ("ollama", True)
    assert error["params"] == {"minutes": "0.0001", "percent": int(100 * part.notes.coverage)}
    assert json.loads(exported(real, ".json"))["summary"]["engine"] == "ollama"
    asked = ollama.chats[0].prompt
    real.settings.save(OWNER, "notes_minutes", 0)
    ollama.chats.clear()
    real.library.retry(OWNER, episode)
    real.run_all()
    assert real.states(episode) == "dddd"
    whole = real.library.notes(OWNER, episode)
    assert whole and whole.notes.coverage == 1.0
    first = next(s.text for s in transcript.segments if s.text in asked)
    assert ollama.chats and not any(first in chat.prompt for chat in ollama.chats if chat.kind == "map")


def test_time_that_was_waited_does_not_count() -> None:
    now = [100.0]
    clock = Clock(60.0, now=lambda: now[0])
    now[0] = 159.0
    assert not clock.over()
    clock.waited(30.0)
    now[0] = 189.0
    assert not clock.over()
    now[0] = 190.0
    assert clock.over()
    assert not Clock(0.0, now=lambda: 1e9).over()


# --- deciding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken", "setting", "wish", "written"),
    [("zh", "auto", None, "zh"), ("zh", "en", None, "en"), ("zh", "en", "auto", "zh"), ("und", "auto", None, "en")],
)
def test_the_notes_are_in_the_language_that_was_chosen(spoken: str, setting: str, wish: str | None, written: str) -> None:
    episode = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, notes_language=wish)
    transcript = Transcript(spoken, 1.0, (), SpeechEngine("demo"))
    assert notes_language(episode, Settings(notes_language=setting), transcript) == written

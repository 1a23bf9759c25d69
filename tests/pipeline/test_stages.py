"""The four stages with the real speech worker, a fake Ollama over HTTP and a fake podcast host."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.domain.jobs.job import Stage, State
from core.domain.notes.ollama_state import Fit
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.llm import machine
from core.llm.ollama import FoundServer, find
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.step import Resources
from core.pipeline.steps.fetch import Fetched
from core.pipeline.steps.summarise import CONTEXT, Clock, context_for, notes_language
from core.pipeline.steps.transcribe import speech_request
from core.settings import PROJECT, Settings
from core.sources.media import web_page
from core.sources.media.download import part_name
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from core.store.jobs import jobs
from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.fakes.web_pages import WebPages, needs_extra
from tests.notes.conftest import transcript_of
from tests.runner_fixture import Rig, real_runs

SAMPLES = PROJECT / "demo" / "samples"
F, T, S, P = Stage


def locate(configured: str) -> FoundServer:
    return find([configured])


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


@pytest.fixture
def real(store: Store, tmp_path: Path, speech: SpeechClient, ollama: FakeOllama) -> Iterator[Rig]:
    """A rig whose stages are the real ones."""
    environ = {"OLLAMA_HOST": ollama.url, "CASTMIND_NOTES_ENGINE": "auto", "CASTMIND_MIN_FREE_GB": "0"}
    rig = Rig(store, tmp_path, environ)
    model = LanguageModel(lambda: rig.settings.values, locate=locate)
    fetcher = Fetcher(lambda: ("127.0.0.1",))
    gpu = GpuLease(speech, card=Card, ollama=model.client, on_processor=model.on_processor)
    rig.stages = real_runs(Resources(tmp_path, speech, model, gpu, fetcher))
    yield rig
    fetcher.close()


def take_in(rig: Rig, sample: str) -> int:
    path = rig.data / sample
    shutil.copyfile(SAMPLES / sample, path)
    return rig.ingest.take_file(path).episode.id


def exported(rig: Rig, suffix: str) -> str:
    (found,) = (rig.data / "exports").glob(f"*{suffix}")
    return found.read_text(encoding="utf-8")


def test_audio_becomes_a_transcript_notes_and_files(real: Rig, ollama: FakeOllama) -> None:
    episode = take_in(real, "en_short.wav")
    real.run_all()
    assert real.states(episode) == "dddd"
    transcript = real.library.transcript(OWNER, episode)
    version = real.library.notes(OWNER, episode)
    assert transcript
    assert version
    assert transcript.language == "en"
    assert (version.notes.engine, version.notes.coverage, version.notes.verified_share) == ("ollama", 1.0, 1.0)
    first = transcript.segments[0].text
    assert first in exported(real, ".md")
    assert first in exported(real, ".vtt")
    assert json.loads(exported(real, ".json"))["transcript"]["segments"][0]["text"] == first


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
    # Half a megabyte a token: what is free holds a part of what is asked for.
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


def test_silence_gives_an_empty_transcript_and_asks_no_language_model(real: Rig, ollama: FakeOllama) -> None:
    episode = take_in(real, "silence.wav")
    real.run_all()
    assert real.states(episode) == "dddd"
    transcript = real.library.transcript(OWNER, episode)
    assert transcript
    assert transcript.segments == ()
    assert ollama.chats == []


@needs_extra
def test_a_page_that_plays_a_recording_becomes_an_episode_of_it(real: Rig) -> None:
    with WebPages() as web:
        url = web.page("/cats", '<audio src="/talk.wav"></audio>')
        listed = real.ingest.import_address(OWNER, url)
        named = real.ingest.import_address(OWNER, web.root + "/talk", title="Mine")
        real.step(F, F)
    episode = real.library.episode(OWNER, listed.episode.id).episode
    assert (real.library.media(OWNER, episode.id)).read_bytes() == (SAMPLES / "en_short.wav").read_bytes()
    assert (listed.episode.title, episode.title.startswith("A talk"), episode.link) == ("cats", True, url)
    assert real.library.episode(OWNER, named.episode.id).episode.title == "Mine"
    assert [p.name for p in (real.data / "media").glob("*.part")] == []


def test_a_page_without_the_extra_fails_at_once_and_says_what_it_is(real: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: False)
    with WebPages() as web:
        episode = real.ingest.import_address(OWNER, web.root + "/talk").episode.id
        real.step(F)
    assert real.state(episode, F) is State.FAILED
    assert (real.job(episode, F).error or {})["code"] == "page_extra_missing"


def test_audio_that_has_gone_is_said_and_a_retry_goes_on_when_it_is_back(real: Rig) -> None:
    episode = take_in(real, "en_short.wav")
    media = real.library.media(OWNER, episode)
    aside = media.rename(real.data / "aside.wav")
    real.step(F)
    assert real.state(episode, F) is State.FAILED
    error = real.job(episode, F).error
    assert error
    assert error["code"] == "media_missing"
    aside.rename(media)
    real.library.retry(OWNER, episode)
    real.step(F)
    assert real.state(episode, F) is State.DONE


def test_audio_of_a_publisher_is_fetched_checked_and_named_by_its_content(real: Rig) -> None:
    with PodcastHost() as host:
        host.publish("talk.wav", "A talk", data=(SAMPLES / "en_short.wav").read_bytes())
        listed = real.ingest.import_address(OWNER, host.audio_url("talk.wav"))
        real.step(F)
    episode = real.library.episode(OWNER, listed.episode.id).episode
    assert real.state(episode.id, F) is State.DONE
    assert episode.sha256
    assert episode.media_path == f"media/{episode.sha256}.wav"
    assert episode.duration
    assert not list((real.data / "media").glob("*.part*"))


def test_too_little_room_waits_before_anything_is_fetched(real: Rig) -> None:
    listed = real.ingest.import_address(OWNER, "http://127.0.0.1:9/talk.mp3")
    real.store.write(lambda db: db.execute("UPDATE episodes SET enclosure_bytes = ?", [10**18]))
    real.step(F)
    job = real.job(listed.episode.id, F)
    assert job.state is State.WAITING
    assert job.error
    assert job.error["code"] == "disk_full"


# --- deciding -------------------------------------------------------------------------------------------------

EPISODE = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, media_path="uploads/a.wav")


def test_an_episodes_own_wishes_go_before_the_settings(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.wav").touch()
    values = Settings(whisper_model="small", audio_language="zh", window_minutes=2.0)
    plain = speech_request(EPISODE, values, tmp_path)
    assert (plain.model, plain.language, plain.window_seconds) == ("small", "zh", 120.0)
    wishes = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, media_path="uploads/a.wav", language="auto", model="demo")
    asked = speech_request(wishes, values, tmp_path)
    assert (asked.model, asked.language) == ("demo", None)
    with pytest.raises(errors.MediaMissing):
        speech_request(EPISODE, values, tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("spoken", "setting", "wish", "written"),
    [("zh", "auto", None, "zh"), ("zh", "en", None, "en"), ("zh", "en", "auto", "zh"), ("und", "auto", None, "en")],
)
def test_the_notes_are_in_the_language_that_was_chosen(spoken: str, setting: str, wish: str | None, written: str) -> None:
    episode = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0, notes_language=wish)
    transcript = Transcript(spoken, 1.0, (), SpeechEngine("demo"))
    assert notes_language(episode, Settings(notes_language=setting), transcript) == written


def test_every_try_of_a_download_finds_the_same_part() -> None:
    assert part_name(7) == part_name(7) != part_name(8)

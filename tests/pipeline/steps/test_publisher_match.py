"""The publisher's transcript, from a feed over HTTP, against the real speech worker and the demo's recordings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import opencc
import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage
from core.domain.transcripts.provenance import Misfit
from core.domain.transcripts.transcript import Transcript
from core.errors import WorkerDied
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.step import Resources
from core.settings import PROJECT
from core.sources.feeds.parse import parse
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import transcription_runs
from core.transactions.feed_entries import take
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import TRANSCRIPT, Rig, real_runs
from tests.words import error_rate

SAMPLES = PROJECT / "demo" / "samples"
PODCAST = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
F, T, S, P = Stage
Row = tuple[float, float, str]
# The sample's duration.
SHORT = replace(TRANSCRIPT, duration=178.5)


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.items.clear()
        yield running


class Ears:
    """The real worker for excerpts. Transcriptions of a whole recording are only counted, until `whole` is set."""

    def __init__(self, speech: SpeechClient) -> None:
        self._speech = speech
        self.whole = False
        self.transcribed = 0
        self.listened: list[float] = []

    def listen(self, request: Any, spans: Any, **more: Any) -> Any:
        self.listened.append(sum(end - start for start, end in spans))
        return self._speech.listen(request, spans, **more)

    def transcribe(self, *arguments: Any, **more: Any) -> Transcript:
        self.transcribed += 1
        return self._speech.transcribe(*arguments, **more) if self.whole else SHORT


@pytest.fixture
def ears(speech: SpeechClient) -> Ears:
    return Ears(speech)


@pytest.fixture
def real(store: Store, tmp_path: Path, ears: Ears, speech: SpeechClient) -> Iterator[Rig]:
    environ = {"CASTMIND_NOTES_ENGINE": "extractive", "CASTMIND_MIN_FREE_GB": "0", "CASTMIND_WHISPER_MODEL": "demo"}
    rig = Rig(store, tmp_path, environ)
    model = LanguageModel(lambda: rig.settings.values)
    gpu = GpuLease(speech, card=Card, ollama=model.client, on_processor=model.on_processor)
    rig.stages = real_runs(Resources(tmp_path, ears, model, gpu, rig.fetcher))  # type: ignore[arg-type]
    yield rig
    rig.fetcher.close()


def rows(name: str, *, after: float = 0.0) -> list[Row]:
    lines = [line.split("\t") for line in (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line]
    return [(float(start) + after, float(end) + after, text) for start, end, text in lines]


def clock(seconds: float) -> str:
    return f"{int(seconds // 60):02d}:{seconds % 60:06.3f}"


def vtt(spoken: list[Row]) -> bytes:
    cues = [
        f"{clock(start)} --> {clock(end)}\n<v {'Bob' if n % 2 else 'Ann'}>{text}" for n, (start, end, text) in enumerate(spoken)
    ]
    return ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()


def joined(tmp_path: Path, *parts: tuple[str, float, float]) -> bytes:
    """Concatenate parts [start, end) of samples."""
    inputs = [argument for name, start, end in parts for argument in ("-ss", start, "-to", end, "-i", SAMPLES / name)]
    graph = "".join(f"[{n}:a]aresample=24000,aformat=channel_layouts=mono[a{n}];" for n in range(len(parts)))
    graph += "".join(f"[a{n}]" for n in range(len(parts))) + f"concat=n={len(parts)}:v=0:a=1"
    out = tmp_path / "joined.mp3"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, inputs), "-filter_complex", graph, str(out)], check=True)
    return out.read_bytes()


def published(
    rig: Rig,
    host: PodcastHost,
    transcript: bytes,
    *,
    audio: str | bytes = "en_episode.mp3",
    form: str = "text/vtt",
    language: str = "en",
) -> int:
    """Poll a feed with one item that has this audio and this transcript."""
    host.files["t"] = transcript
    extra = f'<podcast:transcript {PODCAST} url="{host.audio_url("t")}" type="{form}" language="{language}"/>'
    data = audio if isinstance(audio, bytes) else (SAMPLES / audio).read_bytes()
    host.publish("talk.mp3", "Talk", data=data, extra=extra)
    number = rig.store.write(partial(feeds.add, values={"url": host.feed_url, "title": "F"}, now=rig.now))
    parsed = parse(host.feed(), host.feed_url)

    def change(db: Database) -> None:
        take(db, feeds.get(db, number), parsed, now=rig.now)

    rig.store.write(change)
    return rig.library.listing(OWNER).items[0].episode.id


def transcript_of(rig: Rig, episode_id: int) -> Transcript:
    found = rig.library.transcript(OWNER, episode_id)
    assert found
    return found


def misfit(rig: Rig, episode_id: int) -> Misfit | None:
    checked = transcript_of(rig, episode_id).checked
    assert checked
    return checked.misfit


def test_a_true_transcript_is_taken_over_after_a_few_places_were_heard(real: Rig, ears: Ears, host: PodcastHost) -> None:
    episode = published(real, host, vtt(rows("en_episode")))
    real.run_all()
    assert real.states(episode) == "dddd"
    found = transcript_of(real, episode)
    assert (found.by_publisher, found.language, ears.transcribed) == (True, "en", 0)
    assert found.checked and len(found.checked.places) == 4
    assert ears.listened[0] < 0.25 * found.duration
    assert [s.text for s in found.segments] == [text for _, _, text in rows("en_episode")]
    assert [s.name for s in real.annotations.speakers(OWNER, episode)] == ["Ann", "Bob"]
    assert 0 < found.wall_seconds < found.duration
    assert transcription_runs.newest(real.store.read(), limit=5) == []
    assert real.library.notes(OWNER, episode)
    (exported,) = (real.data / "exports").glob("*.json")
    assert json.loads(exported.read_text())["transcript"]["engine"] == "publisher"
    (exported,) = (real.data / "exports").glob("*.md")
    assert "\ntranscript_by: publisher\n" in exported.read_text()


@pytest.mark.long
def test_the_transcript_of_another_episode_is_not_and_all_is_transcribed(real: Rig, ears: Ears, host: PodcastHost) -> None:
    ears.whole = True
    other = rows("en_meeting") + rows("en_meeting", after=59.0) + rows("en_meeting", after=118.0)
    episode = published(real, host, vtt(other))
    real.run_all()
    found = transcript_of(real, episode)
    assert not found.by_publisher
    assert found.checked and found.checked.misfit is Misfit.WORDS and found.checked.differing >= 3
    wrong, words = error_rate(" ".join(text for _, _, text in rows("en_episode")), found.text)
    assert wrong <= 0.05 * words


@pytest.mark.long
@pytest.mark.parametrize("at", [20.0, 100.0, 172.0])
def test_an_advertisement_that_was_put_into_the_audio_is_noticed(
    real: Rig, ears: Ears, host: PodcastHost, tmp_path: Path, at: float
) -> None:
    audio = joined(tmp_path, ("en_episode.mp3", 0, at), ("en_meeting.m4a", 5, 20), ("en_episode.mp3", at, 178))
    episode = published(real, host, vtt(rows("en_episode")), audio=audio)
    real.run_all()
    assert misfit(real, episode) in (Misfit.WORDS, Misfit.SHIFTED, Misfit.GAP)
    assert ears.transcribed == 1


@pytest.mark.long
def test_a_shift_of_a_second_is_taken_out(real: Rig, ears: Ears, host: PodcastHost) -> None:
    episode = published(real, host, vtt(rows("en_episode", after=1.5)))
    real.run_all()
    found = transcript_of(real, episode)
    assert found.by_publisher and found.checked and found.checked.shift == pytest.approx(-1.5, abs=0.4)
    assert found.segments[10].start == pytest.approx(rows("en_episode")[10][0], abs=0.4)


@pytest.mark.long
def test_a_chinese_transcript_in_the_other_script_fits_and_is_written_as_the_reader_wishes(
    real: Rig, ears: Ears, host: PodcastHost, tmp_path: Path
) -> None:
    audio = joined(tmp_path, ("zh_episode.mp3", 0, 58), ("zh_episode.mp3", 0, 58))
    spoken = rows("zh_episode") + rows("zh_episode", after=58.0)
    traditional = [(start, end, opencc.OpenCC("s2t").convert(text)) for start, end, text in spoken]
    assert traditional != spoken
    episode = published(real, host, vtt(traditional), audio=audio, language="zh-TW")
    real.run_all()
    found = transcript_of(real, episode)
    assert (found.by_publisher, found.language) == (True, "zh")
    assert "".join(s.text for s in found.segments) == "".join(text for _, _, text in spoken)


@pytest.mark.parametrize(
    ("transcript", "form", "why"),
    [
        (vtt(rows("en_episode")[:40]), "text/vtt", Misfit.LENGTH),
        (vtt(rows("en_episode", after=60.0)), "text/vtt", Misfit.LENGTH),
        (b"<p>I think travel is very important.</p><p>We need fifty more hours.</p>" * 5, "text/html", Misfit.UNTIMED),
        ("\n\n".join(text for _, _, text in rows("en_episode")).encode(), "text/plain", Misfit.UNTIMED),
    ],
)
def test_what_cannot_be_the_transcript_costs_no_listening(
    real: Rig, ears: Ears, host: PodcastHost, transcript: bytes, form: str, why: Misfit
) -> None:
    episode = published(real, host, transcript, form=form)
    real.run_all()
    assert (misfit(real, episode), ears.listened, ears.transcribed) == (why, [], 1)


@pytest.mark.long
def test_who_wants_it_transcribed_here_says_so_once_and_may_change_his_mind(real: Rig, ears: Ears, host: PodcastHost) -> None:
    episode = published(real, host, vtt(rows("en_episode")))
    real.settings.save(OWNER, "publisher_transcript", "never")
    real.run_all()
    assert (transcript_of(real, episode).checked, ears.listened) == (None, [])
    feed = real.library.episode(OWNER, episode).episode.feed_id
    assert feed
    real.retention.set_rule(OWNER, feed, {"publisher_transcript": "prefer"})
    real.library.transcribe(OWNER, episode)
    real.run_all()
    assert transcript_of(real, episode).by_publisher
    real.library.transcribe(OWNER, episode, publisher_transcript="never")
    real.run_all()
    assert not transcript_of(real, episode).by_publisher
    assert len(ears.listened) == 1
    real.library.transcribe(OWNER, episode, publisher_transcript="prefer")
    real.run_all()
    assert transcript_of(real, episode).by_publisher


@pytest.mark.long
def test_a_worker_that_dies_afterwards_does_not_make_it_listen_again(
    real: Rig, ears: Ears, host: PodcastHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = published(real, host, vtt([(a, b, "Nobody says this at all here.") for a, b, _ in rows("en_episode")]))
    dies = [WorkerDied("gone")]

    def transcribe(*_: Any, **__: Any) -> Transcript:
        if dies:
            raise dies.pop()
        return SHORT

    monkeypatch.setattr(ears, "transcribe", transcribe)
    real.run_all()
    assert real.library.partial(OWNER, episode) == ()
    real.now += 60.0
    real.run_all()
    assert (real.states(episode), len(ears.listened), misfit(real, episode)) == ("dddd", 1, Misfit.WORDS)

"""Speech without words, asked for again: heard by the real worker, put in, kept or left."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage, State
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.annotation import Colour, Span
from core.domain.transcripts.hearing_again import HearAgain
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window
from core.llm.ollama import find
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.step import Resources, StepContext
from core.pipeline.steps.transcribe import HeardAgain
from core.settings import PROJECT
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from core.store.library import hear_again
from core.store.text import transcripts
from tests.runner_fixture import Background, Gate, Rig, real_runs
from tests.unheard import without

F, T, S, P = Stage
HEARD, UNCLEAR, AGAIN = Fate.HEARD, Fate.UNCLEAR, Fate.HEARD_AGAIN
KNOWN = Transcript(
    "en",
    60.0,
    (Segment(0, 0.0, 2.0, "A talk about cats.", "Ann"), Segment(1, 10.0, 12.0, "They sleep.", "Ann")),
    SpeechEngine("base"),
    spoken=(Spoken(0.0, 2.0, HEARD), Spoken(4.0, 8.0, UNCLEAR, Why.NO_WORDS), Spoken(10.0, 12.0, HEARD)),
)
NOTES = Notes("Cats.", (Point("Sleep", "They sleep.", 10.0, 12.0, 1, verified=True),), coverage=1.0, engine="ollama", model="m")
FOUND = HeardAgain((HearAgain(4.0, 8.0, "small"),), (Window(0, 2.0, 10.0, "en", (Segment(0, 4.5, 7.5, "Dogs as well."),)),))


@pytest.fixture
def episode(rig: Rig) -> int:
    """Done, with notes, and four seconds that have no words."""
    (rig.data / "uploads" / "a.wav").write_bytes(b"RIFF")
    number = rig.add(media_path="uploads/a.wav", duration=60.0)
    rig.stages[T] = rig._plain(KNOWN)
    rig.stages[S] = rig._plain(NOTES)
    rig.run_all()
    rig.ran.clear()
    rig.stages[T] = rig._plain(FOUND)
    return number


def text(rig: Rig, episode: int) -> list[str]:
    found = rig.library.transcript(OWNER, episode)
    assert found
    return [s.text for s in found.segments]


def test_the_transcript_gets_the_words_and_only_its_files_are_written_again(rig: Rig, episode: int) -> None:
    rig.library.hear_again(OWNER, episode)
    assert rig.states(episode) == "dqdd"
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [T, P]
    assert text(rig, episode) == ["A talk about cats.", "Dogs as well.", "They sleep."]
    speech = rig.library.speech(OWNER, episode)
    assert speech
    assert (speech.again, rig.states(episode)) == ((), "dddd")
    assert [s.fate for s in speech.spoken] == [HEARD, UNCLEAR, AGAIN, UNCLEAR, HEARD]


def test_notes_stay_and_say_that_they_have_read_less(rig: Rig, episode: int) -> None:
    rig.library.hear_again(OWNER, episode)
    rig.run_all()
    version = rig.library.notes(OWNER, episode)
    assert version
    assert not version.outdated
    assert version.notes.coverage == pytest.approx(29 / 42)
    assert version.notes.points[0].segment_id == 2


def test_the_stage_is_given_the_spans_and_the_transcript(rig: Rig, episode: int) -> None:
    seen: list[Any] = []

    def look(given: Any, work: StepContext) -> HeardAgain:
        seen.append(given)
        return FOUND

    rig.stages[T] = look
    rig.library.hear_again(OWNER, episode, [(4.0, 6.0)])
    rig.library.hear_again(OWNER, episode, [(6.0, 8.0)], model="large-v3")
    rig.run_all()
    assert seen[0].again == (HearAgain(4.0, 6.0, "small"), HearAgain(6.0, 8.0, "large-v3"))
    assert seen[0].transcript == KNOWN
    assert len(seen) == 1


def test_what_the_reader_wrote_stays(rig: Rig, episode: int) -> None:
    rig.annotations.edit(OWNER, episode, 1, "They sleep a lot.")
    rig.annotations.rename_speaker(OWNER, episode, "Ann", "Anna")
    kept = rig.annotations.highlight(OWNER, episode, Span(1, 0, 1, 10), colour=Colour.BLUE)
    rig.library.hear_again(OWNER, episode)
    rig.run_all()
    found = rig.library.transcript(OWNER, episode)
    assert found
    assert [(s.text, s.original, s.speaker) for s in found.segments] == [
        ("A talk about cats.", None, "Anna"),
        ("Dogs as well.", None, None),
        ("They sleep a lot.", "They sleep.", "Anna"),
    ]
    (highlight,) = rig.annotations.highlights(OWNER, episode)
    assert (highlight.id, highlight.anchored, highlight.span.start_segment) == (kept.id, True, 2)


def test_nothing_that_can_be_heard_leaves_everything_as_it_is(rig: Rig, episode: int) -> None:
    rig.stages[T] = rig._plain(replace(FOUND, windows=()))
    version = rig.library.transcript_version(OWNER, episode)
    rig.library.hear_again(OWNER, episode)
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [T]
    assert rig.library.transcript_version(OWNER, episode) == version
    assert not hear_again.pending(rig.store.read(), episode)


def test_cancelled_while_it_runs_the_transcript_stays_and_is_done(rig: Rig, episode: int) -> None:
    gate = Gate(FOUND)
    rig.stages[T] = gate
    rig.library.hear_again(OWNER, episode)
    with Background(rig, T):
        assert gate.entered.wait(10)
        rig.library.cancel(OWNER, episode)
        rig.runner.keep()
    assert rig.states(episode) == "dddd"
    assert rig.library.transcript(OWNER, episode) == KNOWN
    assert not hear_again.pending(rig.store.read(), episode)


def test_a_failure_keeps_the_transcript_and_can_be_retried_or_left(rig: Rig, episode: int) -> None:
    rig.fail(T, errors.SpeechModelUnusable("no"), errors.SpeechModelUnusable("no"))
    for way in ("retry", "cancel"):
        rig.library.hear_again(OWNER, episode)
        rig.step(T)
        assert rig.state(episode, T) is State.FAILED
        assert rig.library.transcript(OWNER, episode) == KNOWN
        getattr(rig.library, way)(OWNER, episode)
        assert rig.states(episode) == ("dqdd" if way == "retry" else "dddd")
        assert hear_again.pending(rig.store.read(), episode) is (way == "retry")
        if way == "retry":
            rig.library.cancel(OWNER, episode)


def test_a_whole_transcription_forgets_what_was_to_be_heard(rig: Rig, episode: int) -> None:
    rig.library.hear_again(OWNER, episode)
    rig.library.transcribe(OWNER, episode)
    assert rig.states(episode) == "dqqq"
    assert not hear_again.pending(rig.store.read(), episode)
    with pytest.raises(errors.Conflict):
        rig.library.hear_again(OWNER, episode)


def test_notes_that_are_being_written_begin_anew_with_the_new_words(rig: Rig, episode: int) -> None:
    given: list[Transcript | None] = []
    gate = Gate(replace(NOTES, tldr="Of the old transcript."))
    rig.stages[S] = gate
    rig.library.retry(OWNER, episode, S)
    with Background(rig, S):
        assert gate.entered.wait(10)
        rig.library.hear_again(OWNER, episode)
        rig.step(T)
        rig.runner.keep()

    def write(of: Any, work: StepContext) -> Notes:
        given.append(of.transcript)
        return NOTES

    rig.stages[S] = write
    rig.run_all()
    version = rig.library.notes(OWNER, episode)
    assert version
    assert (rig.states(episode), version.notes.tldr) == ("dddd", "Cats.")
    assert [len(found.segments) for found in given if found] == [3]


def test_what_cannot_be_heard_again_is_said(rig: Rig, episode: int) -> None:
    with pytest.raises(errors.UserError):
        rig.library.hear_again(OWNER, episode, [(50.0, 70.0)])
    with pytest.raises(errors.Conflict):
        rig.library.hear_again(OWNER, episode, [(0.0, 2.0)])
    (rig.data / "uploads" / "a.wav").unlink()
    with pytest.raises(errors.MediaMissing):
        rig.library.hear_again(OWNER, episode)
    assert rig.states(episode) == "dddd"
    unknown = replace(KNOWN, spoken=None)
    (rig.data / "uploads" / "a.wav").write_bytes(b"RIFF")
    rig.store.write(lambda db: transcripts.save(db, episode, unknown, now=rig.now))
    with pytest.raises(errors.Conflict):
        rig.library.hear_again(OWNER, episode)


# --- with the real worker -------------------------------------------------------------------------


@pytest.fixture
def real(store: Store, tmp_path: Path, speech: SpeechClient) -> Rig:
    rig = Rig(store, tmp_path, {"CASTMIND_WHISPER_MODEL": "demo"})
    model = LanguageModel(lambda: rig.settings.values, locate=lambda host: find([host]))
    gpu = GpuLease(speech, card=Card, ollama=model.client, on_processor=model.on_processor)
    real = real_runs(Resources(tmp_path, speech, model, gpu, rig.fetcher))
    rig.stages |= {F: real[F], T: real[T]}
    return rig


def words(said: str) -> set[str]:
    return set(said.lower().replace(".", "").replace(",", "").split())


@pytest.mark.long
def test_the_worker_hears_the_span_and_its_words_come_back(real: Rig) -> None:
    shutil.copyfile(PROJECT / "demo" / "samples" / "en_episode.mp3", real.data / "a.mp3")
    episode = real.ingest.take_file(real.data / "a.mp3").episode.id
    real.run_all()
    whole = real.library.transcript(OWNER, episode)
    assert whole
    before, (lost,) = without(whole, len(whole.segments) // 2)
    real.store.write(lambda db: transcripts.save(db, episode, before, now=real.now))
    real.library.hear_again(OWNER, episode, model="demo")
    real.run_all()
    after = real.library.transcript(OWNER, episode)
    assert after
    new = [s for s in after.segments if s.start >= lost.start - 0.5 and s.end <= lost.end + 0.5]
    assert len(words(lost.text) & words(" ".join(s.text for s in new))) >= 0.7 * len(words(lost.text))
    assert len(after.segments) == len(before.segments) + len(new)
    detail: Any = real.job(episode, T).detail
    assert 0 < detail["found"] <= detail["asked"]
    speech = real.library.speech(OWNER, episode)
    assert speech
    assert any(s.fate is AGAIN for s in speech.spoken)

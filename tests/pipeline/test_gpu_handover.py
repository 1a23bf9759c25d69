"""The card handed over in the midst of real work: the speech worker with the demo model, notes by a fake Ollama over HTTP."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.jobs.gpu_line import Priority, QueueState
from core.domain.jobs.job import Stage
from core.domain.transcripts.transcript import Transcript
from core.llm.ollama import OllamaClient, find
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.gpu_queue import Taker
from core.pipeline.step import Checkpoint, Resources, StepContext, StepInput
from core.pipeline.steps.fetch import Fetched
from core.settings import PROJECT
from core.speech.client.client import SpeechClient
from core.speech.client.worker_process import Child
from core.speech.request import SpeechRequest
from core.store.db.database import Store
from core.store.jobs import leases
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import transcript_of
from tests.runner_fixture import Background, Rig, real_runs, until
from tests.speech.conftest import ffmpeg

F, T, S, P = Stage
MODEL = "qwen2.5:7b"
WINDOW_SECONDS = 7.0
# Too small for both, and large enough.
SMALL, LARGE = 8_000_000_000, 80_000_000_000


class Desk:
    """The real stages around one card; `starts` counts the speech workers, `ollama.loads` the models."""

    def __init__(self, rig: Rig, ollama: FakeOllama) -> None:
        self.rig, self.ollama = rig, ollama
        self.card = SMALL
        self.starts = 0
        self.speech = SpeechClient(start_child=self._start)
        model = LanguageModel(lambda: rig.settings.values, locate=lambda host: find([host]))
        self.gpu = GpuLease(
            self.speech, card=lambda: Card(self.card), ollama=model.client, on_processor=lambda client, name: True
        )
        self.client = OllamaClient(ollama.url)
        self._real = real_runs(Resources(rig.data, self.speech, model, self.gpu, rig.fetcher))
        rig.stages |= self._real
        self.parts: list[Any] = []

    def _start(self) -> Child:
        self.starts += 1
        return Child()

    def after(self, stage: Stage, count: int, act: Callable[[StepContext], object]) -> None:
        """Does something once, within the stage's thread, as soon as it has left so many checkpoints."""
        plain = self._real[stage]

        def run(given: StepInput, ctx: StepContext) -> Any:
            def emit(part: Any) -> None:
                ctx.emit(part)
                self.parts.append(part)
                if isinstance(part, Checkpoint) and self.checkpoints() == count:
                    act(seen)

            seen = StepContext(emit)
            return plain(given, seen)

        self.rig.stages[stage] = run

    def checkpoints(self) -> int:
        return sum(isinstance(part, Checkpoint) for part in self.parts)

    def ask(self) -> str:
        answer = self.client.chat(
            MODEL, [{"role": "user", "content": "Why?"}], None, num_ctx=2048, num_predict=64, wall_clock_seconds=60.0
        )
        return answer.text


class Question:
    """A person's question, in a thread of its own: `before` is how far the work was when it was asked, `then` when it had
    the card. It holds the card until `enough` is set."""

    def __init__(self, desk: Desk, look: Callable[[], object] = lambda: None) -> None:
        self._desk, self._look = desk, look
        self.enough = threading.Event()
        self.answer = ""
        self.before = self.then = -1
        self._thread = threading.Thread(target=self._run)

    def put(self, *_: object) -> None:
        """Asks, and comes back when it waits in line."""
        self.before = self._desk.checkpoints()
        self._thread.start()
        until(lambda: bool(self._desk.gpu.state().waiting))

    def _run(self) -> None:
        desk = self._desk
        with desk.gpu.llm(Taker("question", Priority.PERSON), desk.client, MODEL):
            self.then = desk.checkpoints()
            self.answer = desk.ask()
            self._look()
            assert self.enough.wait(60.0)

    def answered(self) -> bool:
        self._thread.join(60.0)
        return bool(self.answer) and not self._thread.is_alive()


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


@pytest.fixture
def desk(store: Store, tmp_path: Path, ollama: FakeOllama) -> Iterator[Desk]:
    environ = {
        "OLLAMA_HOST": ollama.url,
        "CASTMIND_NOTES_ENGINE": "auto",
        "CASTMIND_MIN_FREE_GB": "0",
        "CASTMIND_WHISPER_MODEL": "demo",
        "CASTMIND_WINDOW_MINUTES": str(WINDOW_SECONDS / 60),
    }
    rig = Rig(store, tmp_path, environ)
    made = Desk(rig, ollama)
    yield made
    made.speech.stop()
    rig.fetcher.close()


@pytest.fixture(scope="session")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("handover") / "meeting.wav"
    ffmpeg("-i", PROJECT / "demo" / "samples" / "en_meeting.m4a", "-t", "40", path)
    return path


@pytest.fixture(scope="session")
def whole(meeting: Path, speech: SpeechClient) -> Transcript:
    """The same audio without any interruption."""
    request = SpeechRequest(meeting, model="demo", window_seconds=WINDOW_SECONDS)
    return speech.transcribe(request, (), on_window=_ignore, on_progress=_ignore, cancelled=lambda: False)


def _ignore(*_: object) -> None:
    """Nobody looks."""


def take_in(rig: Rig, audio: Path) -> int:
    path = rig.data / audio.name
    shutil.copyfile(audio, path)
    episode: int = rig.ingest.take_file(path).episode.id
    rig.step(F)
    return episode


def windows_kept(rig: Rig, episode: int) -> int:
    return len(leases.checkpoints(rig.store.read(), episode, T))


def lines(transcript: Transcript | None) -> list[tuple[float, float, str]]:
    assert transcript
    return [(s.start, s.end, s.text) for s in transcript.segments]


# --- a transcription ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [pytest.param(SMALL, marks=pytest.mark.long), LARGE])
def test_a_person_has_the_card_within_a_window_and_the_transcription_goes_on_to_the_same_text(
    desk: Desk, meeting: Path, whole: Transcript, card: int
) -> None:
    desk.card = card
    desk.ollama.load(MODEL)
    ran: list[bool] = []
    question = Question(desk, lambda: ran.append(desk.speech.status().running))
    question.enough.set()
    desk.after(T, 1, question.put)
    episode = take_in(desk.rig, meeting)
    desk.rig.step(T)
    assert question.answered() and desk.gpu.state() == QueueState()
    windows = desk.checkpoints()
    # The window that was under way, and one more if that had just ended.
    assert question.then <= question.before + 2 < windows
    assert lines(desk.rig.library.transcript(OWNER, episode)) == lines(whole)
    # On a small card each goes for the other; on a large one both stay.
    assert (ran, desk.starts) == (([False], 2) if card == SMALL else ([True], 1))
    assert desk.ollama.loads[MODEL] == (2 if card == SMALL else 1)
    assert desk.ollama.loaded_now() == ([] if card == SMALL else [MODEL])


@pytest.mark.long
def test_a_transcription_that_is_cancelled_while_a_person_has_the_card_ends_at_once(desk: Desk, meeting: Path) -> None:
    stopped: list[StepContext] = []
    question = Question(desk, lambda: [ctx.stop(errors.Cancelled()) for ctx in stopped])

    def put(ctx: StepContext) -> None:
        stopped.append(ctx)
        question.put()

    desk.after(T, 1, put)
    episode = take_in(desk.rig, meeting)
    desk.rig.step(T)
    # It has ended while the person still holds the card.
    state = desk.gpu.state()
    assert state.holder and (state.holder.name, state.waiting) == ("question", ())
    assert desk.rig.states(episode)[1] == "c" and windows_kept(desk.rig, episode) == desk.checkpoints()
    question.enough.set()
    assert question.answered() and desk.gpu.state() == QueueState()


def test_a_killed_worker_leaves_the_card_to_who_waits_and_loses_no_window(desk: Desk, meeting: Path, whole: Transcript) -> None:
    question = Question(desk)
    question.enough.set()

    def put(ctx: StepContext) -> None:
        question.put()
        pid = desk.speech.status().pid
        assert pid
        os.kill(pid, signal.SIGKILL)

    desk.after(T, 2, put)
    episode = take_in(desk.rig, meeting)
    desk.rig.step(T)
    assert question.answered() and desk.gpu.state() == QueueState()
    assert windows_kept(desk.rig, episode) == desk.checkpoints() >= 2
    desk.rig.now += 3600.0
    desk.rig.step(T)
    assert lines(desk.rig.library.transcript(OWNER, episode)) == lines(whole)


@pytest.mark.long
def test_short_windows_and_notes_of_the_same_priority_do_not_swap_at_each_boundary(
    desk: Desk, meeting: Path, whole: Transcript
) -> None:
    rig = desk.rig
    rig.settings.save(OWNER, "ollama_num_ctx", 4096)
    episode = take_in(rig, meeting)
    notes = with_transcript(rig, 120)
    waiting = threading.Event()

    def notes_come(ctx: StepContext) -> None:
        until(lambda: bool(desk.gpu.state().waiting))
        waiting.set()

    desk.after(T, 1, notes_come)
    with Background(rig, T):
        until(lambda: desk.gpu.state().holder is not None)
        with Background(rig, S):
            assert waiting.wait(60.0)
    assert rig.states(notes)[2] == "d" and desk.checkpoints() > 4
    assert lines(rig.library.transcript(OWNER, episode)) == lines(whole)
    assert (desk.starts, desk.ollama.loads[MODEL]) == (1, 1)


# --- notes ----------------------------------------------------------------------------------------------------


def with_transcript(rig: Rig, segments: int) -> int:
    """An episode that waits for its notes alone."""
    real = dict(rig.stages)
    transcript = transcript_of("en", segments)
    rig.stages |= {F: lambda given, ctx: Fetched("uploads/a.wav"), T: lambda given, ctx: transcript}
    episode: int = rig.add(priority=100)
    rig.step(F, T)
    rig.stages |= real
    return episode


def test_a_person_has_the_model_between_two_chunks_and_it_is_loaded_once(desk: Desk) -> None:
    desk.rig.settings.save(OWNER, "ollama_num_ctx", 4096)
    question = Question(desk)
    question.enough.set()
    desk.after(S, 3, question.put)
    episode = with_transcript(desk.rig, 300)
    desk.rig.step(S)
    assert question.answered() and desk.gpu.state() == QueueState()
    assert question.then == question.before < desk.checkpoints()
    version = desk.rig.library.notes(OWNER, episode)
    assert version and (version.notes.engine, version.notes.coverage) == ("ollama", 1.0)
    assert (desk.ollama.loads[MODEL], desk.starts, desk.ollama.requests["/api/generate"]) == (1, 0, 0)


def test_speech_that_a_person_waits_for_goes_between_two_chunks_and_no_chunk_is_read_twice(desk: Desk, meeting: Path) -> None:
    desk.rig.settings.save(OWNER, "ollama_num_ctx", 4096)
    heard: list[Any] = []
    held_by_ollama: list[list[str]] = []

    def listen() -> None:
        with desk.gpu.speech(Taker("a clip", Priority.PERSON)):
            held_by_ollama.append(desk.ollama.loaded_now())
            request = SpeechRequest(meeting, model="demo")
            heard.extend(desk.speech.listen(request, [(1.0, 8.0)], on_progress=_ignore, cancelled=lambda: False))

    person = threading.Thread(target=listen)

    def put(ctx: StepContext) -> None:
        person.start()
        until(lambda: bool(desk.gpu.state().waiting))

    desk.after(S, 3, put)
    episode = with_transcript(desk.rig, 300)
    desk.rig.step(S)
    person.join(60.0)
    assert heard and held_by_ollama == [[]] and not desk.speech.status().running
    version = desk.rig.library.notes(OWNER, episode)
    assert version and version.notes.coverage == 1.0
    assert desk.ollama.loads[MODEL] == 2
    # Asked as often as by a run that nobody interrupts.
    asked = Counter(desk.ollama.kinds())
    desk.ollama.chats.clear()
    with_transcript(desk.rig, 300)
    desk.rig.step(S)
    assert Counter(desk.ollama.kinds()) == asked

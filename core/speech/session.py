"""What the worker does with a request: keep the right model loaded, go through the file window by window.

plan ─► load (unless loaded) ─► for each stretch: language ─► batches ─► arrange ─► drop phantoms ─► write ─► Window
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from core.domain.message import from_record, record
from core.domain.transcript import Segment, SpeechEngine, Window
from core.errors import ShuttingDown
from core.speech import reasons
from core.speech.decode import RATE
from core.speech.engine import Batch, CardFailed, Language, OutOfMemory, Recognizer
from core.speech.loading import Plan, load, make_plan, make_probe, on_cpu
from core.speech.phantoms import drop_phantoms
from core.speech.request import ChineseScript, Progress, SpeechRequest
from core.speech.sentences import Heard, arrange
from core.speech.text import prompt_for, write_chinese
from core.speech.windows import Stretch, ahead, excerpts, stretches

WINDOW_SECONDS = {"cuda": 1800.0, "cpu": 600.0}
DOWNLOAD_NEWS_SECONDS = 0.25
# The code for a language that nobody has determined (ISO 639-2).
UNDETERMINED = "und"

Say = Callable[..., None]


class Session:
    """`say(event, **fields)` sends a message; `check()` raises when the server wants this work to end."""

    def __init__(self, say: Say, check: Callable[[], None]) -> None:
        self._say, self._check = say, check
        self._recognizer: Recognizer | None = None
        self._plan: Plan | None = None
        self._key: tuple[Any, ...] = ()
        self._news_at = 0.0

    def probe(self, command: dict[str, Any]) -> None:
        """Answers with what `auto` comes to on this computer."""
        request = SpeechRequest.from_dict(command["request"])
        self._say("probe", probe=make_probe(request, from_record(command.get("cuda_error")), self._trying).to_dict())

    def transcribe(self, command: dict[str, Any]) -> None:
        """Sends every window of the file from the resumed position on, then its true duration; of `spans` a window each."""
        request = SpeechRequest.from_dict(command["request"])
        resume = command.get("resume") or {"start": 0.0, "index": 0, "language": UNDETERMINED}
        recognizer = self._loaded(request, from_record(command.get("cuda_error")))
        seconds = request.window_seconds or WINDOW_SECONDS[recognizer.engine.device]
        spans = [(start, end) for start, end in command.get("spans") or ()]
        run = Run(request, round(resume["start"] * RATE), self._say, spans=sum(end - start for start, end in spans))
        index, language = int(resume["index"]), resume["language"]
        quit_decoding = threading.Event()
        try:
            whole = stretches(request.media, run.first, seconds, quit_decoding)
            for stretch in ahead(excerpts(request.media, spans, quit_decoding) if spans else whole):
                window = self._window(stretch, run, index, language)
                self._say("window", window=window.to_dict())
                run.end, language, index = stretch.end, window.language, index + 1
                run.heard += len(stretch.samples)
        except CardFailed as error:
            self._say("card_failed", problem=str(error))
            raise
        finally:
            quit_decoding.set()
        self._say("done", duration=run.end / RATE)

    def _window(self, stretch: Stretch, run: Run, index: int, language: str) -> Window:
        """One window. When the server is stopping, what was heard so far is handed in as a shorter window."""
        assert self._recognizer is not None
        self._check()
        run.report(stretch, 0)
        kept = None if language == UNDETERMINED else language
        model = self._recognizer.engine.model
        spoken = Language(run.request.language) if run.request.language else self._language(stretch, kept, run.request)
        prompt = None if spoken.mixed or model == "demo" else prompt_for(spoken.name, run.request.chinese_script)
        draft = Draft(index, spoken.name, prompt, run.request.chinese_script)
        position = 0
        try:
            for batch in self._batches(stretch, spoken, prompt, run.request):
                draft.heard += batch.heard
                position = batch.position
                run.report(stretch, position)
                if position < len(stretch.samples):
                    self._check()
        except ShuttingDown:
            if position:
                self._say("window", window=draft.window(first_part(stretch, position), self._recognizer.engine).to_dict())
            raise
        return draft.window(stretch, self._recognizer.engine)

    def _batches(self, stretch: Stretch, language: Language, prompt: str | None, request: SpeechRequest) -> Iterator[Batch]:
        """The stretch's batches; a card without room for a single chunk hands what is left of it to the CPU."""
        position = 0
        while True:
            assert self._recognizer is not None
            rest = replace(stretch, speech=tuple(s for s in stretch.speech if s[0] >= position))
            try:
                for batch in self._recognizer.hear(rest, language, prompt):
                    position = batch.position
                    yield batch
                return
            except OutOfMemory as error:
                self._leave_card(request, error)

    def _language(self, stretch: Stretch, kept: str | None, request: SpeechRequest) -> Language:
        assert self._recognizer is not None
        try:
            return self._recognizer.language(stretch, kept)
        except OutOfMemory as error:
            self._leave_card(request, error)
        return self._recognizer.language(stretch, kept)

    def _leave_card(self, request: SpeechRequest, error: OutOfMemory) -> None:
        assert self._plan is not None
        self._use(request, on_cpu(self._plan, reasons.card_full(str(error)), request))

    def _loaded(self, request: SpeechRequest, cuda_error: str | None) -> Recognizer:
        key = (request.model, request.device, request.compute_type, request.batch_size, request.models_dir, cuda_error)
        if self._recognizer is None or key != self._key:
            self._report(Progress("loading"))
            self._use(request, make_plan(request, cuda_error, self._trying))
            self._key = key
        assert self._recognizer is not None
        return self._recognizer

    def _use(self, request: SpeechRequest, plan: Plan) -> None:
        self._recognizer = None  # two models at once may not fit
        self._recognizer, self._plan = load(request, plan, self._report, self._trying)
        self._say("loaded", **self._recognizer.engine.to_dict(), reason=record(self._plan.reason))

    def _trying(self, device: str) -> None:
        self._say("trying", device=device)

    def _report(self, progress: Progress) -> None:
        self._check()
        now = time.monotonic()
        if progress.phase != "downloading" or progress.fraction >= 1 or now - self._news_at >= DOWNLOAD_NEWS_SECONDS:
            self._news_at = now
            self._say("progress", progress=progress.to_dict())


class Run:
    """How fast one run through a file goes, from sample `first` on, or through `spans` seconds of it."""

    def __init__(self, request: SpeechRequest, first: int, say: Say, *, spans: float = 0.0) -> None:
        self.request, self.first, self.end = request, first, first
        self.heard = 0  # samples of the stretches that are done
        self._spans = spans
        self._say = say
        self._began = time.monotonic()

    def report(self, stretch: Stretch, position: int) -> None:
        """Sends progress: `position` samples of the stretch are done."""
        if self._spans:
            share = min((self.heard + position) / RATE / self._spans, 1.0)
            self._say("progress", progress=Progress("comparing", fraction=share).to_dict())
            return
        at = (stretch.start + position) / RATE
        duration = max(stretch.duration, stretch.end / RATE)
        done = at - self.first / RATE
        factor = (time.monotonic() - self._began) / done if done > 0 else None
        progress = Progress(
            "transcribing",
            fraction=min(at / duration, 1.0) if duration else 0.0,
            position=at,
            duration=duration,
            eta=None if factor is None else round(max(duration - at, 0.0) * factor, 1),
            real_time_factor=None if factor is None else round(factor, 4),
        )
        self._say("progress", progress=progress.to_dict())


class Draft:
    """A window while it is being heard."""

    def __init__(self, index: int, language: str | None, prompt: str | None, script: ChineseScript) -> None:
        self.heard: list[Heard] = []
        self._index, self._language, self._script = index, language, script
        self._prompts = [prompt] if prompt else []
        self._began = time.monotonic()

    def window(self, stretch: Stretch, engine: SpeechEngine) -> Window:
        """What was heard in the stretch, as it will be read."""
        start, end = stretch.start / RATE, stretch.end / RATE
        written = write_chinese(drop_phantoms(arrange(self.heard, start, end), self._prompts), self._script)
        return Window(
            index=self._index,
            start=start,
            end=end,
            language=self._language or UNDETERMINED,
            segments=tuple(Segment(i, h.start, h.end, h.text.strip(), words=h.words) for i, h in enumerate(written)),
            speech_seconds=round(sum(b - a for a, b in stretch.speech) / RATE, 3),
            wall_seconds=round(time.monotonic() - self._began, 3),
            engine=engine,
        )


def first_part(stretch: Stretch, end: int) -> Stretch:
    """The stretch up to sample `end`, which lies in a pause."""
    return replace(stretch, samples=stretch.samples[:end], speech=tuple(s for s in stretch.speech if s[1] <= end))

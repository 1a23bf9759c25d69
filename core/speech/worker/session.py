"""Run requests in the worker: keep the right model loaded, go through the file window by window.

plan ─► load (unless loaded) ─► for each stretch: language ─► batches ─► arrange ─► drop hallucinations ─► write ─► Window
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.domain.transcripts.spoken import Spoken, coverage, tidy
from core.domain.transcripts.transcript import Segment, SpeechEngine, Window
from core.errors import ShuttingDown
from core.message import from_record, record
from core.speech import device_messages
from core.speech.audio.spans import RATE
from core.speech.audio.windows import Ahead, Stretch, Track, WindowReader, go_on
from core.speech.request import ChineseScript, Progress, SpeechRequest
from core.speech.text.chinese import SENTENCE_PAUSE, punctuate, write_chinese
from core.speech.text.hallucinations import sort_out
from core.speech.text.sentences import LONG_PAUSE, HeardPiece, arrange, arrange_whole, ends, sentences
from core.speech.worker.accounting import account
from core.speech.worker.batches import Batch, RefusedSpan
from core.speech.worker.engine import CardFailed, OutOfMemory, Recognizer
from core.speech.worker.loading import LoadPlan, load, make_plan, make_probe, on_cpu

WINDOW_SECONDS = {"cuda": 1800.0, "cpu": 600.0}
DOWNLOAD_NEWS_SECONDS = 0.25
# The code for an undetermined language (ISO 639-2).
UNDETERMINED = "und"

Say = Callable[..., None]


class Session:
    """A session with the server. `say(event, **fields)` sends a message; `check()` raises when the server cancels the work.

    `interrupted()` tells whether other work needs the device after the present window.
    """

    def __init__(self, say: Say, check: Callable[[], None], interrupted: Callable[[], bool]) -> None:
        self._say, self._check, self._interrupted = say, check, interrupted
        self._ahead = Ahead()
        self._recognizer: Recognizer | None = None
        self._plan: LoadPlan | None = None
        self._key: tuple[Any, ...] = ()
        self._news_at = 0.0

    def probe(self, command: dict[str, Any]) -> None:
        """Answer with the choice of `auto` on this computer."""
        request = SpeechRequest.from_dict(command["request"])
        self._say("probe", probe=make_probe(request, from_record(command.get("cuda_error")), self._trying).to_dict())

    def transcribe(self, command: dict[str, Any]) -> None:
        """Send every window of the file from the resumed position on, then its true duration; of `spans` a window each.

        Ends early, behind a window, where the device is wanted: each run finishes at least one more window.
        """
        request = SpeechRequest.from_dict(command["request"])
        resume = command.get("resume") or {"start": 0.0, "planned_from": 0.0, "index": 0, "language": UNDETERMINED}
        device = self._loaded(request, from_record(command.get("cuda_error"))).engine.device  # holds no reference to the model
        seconds = request.window_seconds or WINDOW_SECONDS[device]
        spans = [(start, end) for start, end in command.get("spans") or ()]
        run = SessionRun(request, round(resume["start"] * RATE), self._say, spans=_seconds(spans))
        first = index = int(resume["index"])
        language = resume["language"]
        if spans:
            run.heard = round(_seconds(spans[:first]) * RATE)
        try:
            for stretch in self._stretches(request, spans[first:], round(resume["planned_from"] * RATE), run.first, seconds):
                if index > first and self._interrupted():
                    self._say("interrupted")
                    return
                window = self._window(stretch, run, index, language)
                self._say("window", window=window.to_dict())
                run.end, language, index = stretch.end, window.language, index + 1
                run.heard += stretch.length
        except CardFailed as error:
            self._say("card_failed", problem=str(error))
            raise
        finally:
            self._ahead.quit()
        self._say("done", duration=run.end / RATE)

    def _stretches(
        self, request: SpeechRequest, spans: Sequence[tuple[float, float]], planned_from: int, first: int, seconds: float
    ) -> Iterator[Stretch]:
        if spans:
            return self._ahead.excerpts(request.media, spans)
        then = WindowReader(request.coming, 0, seconds) if request.coming else None
        return go_on(self._ahead.read(WindowReader(request.media, planned_from, seconds), then), first)

    def _window(self, stretch: Stretch, run: SessionRun, index: int, language: str) -> Window:
        """Return one window. When the server is stopping, the text decoded so far makes a shorter window."""
        assert self._recognizer is not None
        self._check()
        run.report(stretch, 0)
        draft = Draft(index, language, run.request.chinese_script)
        try:
            for number, track in enumerate(stretch.tracks):
                for batch in self._batches(track, stretch.start / RATE, draft.language, run.request):
                    draft.take(track, batch)
                    run.report(stretch, (number * stretch.length + batch.position) // len(stretch.tracks))
                    if batch.position < stretch.length or number + 1 < len(stretch.tracks):
                        self._check()
        except ShuttingDown:
            if draft.whole and len(stretch.tracks) == 1:
                self._say("window", window=draft.window(stretch, self._recognizer.engine, draft.whole).to_dict())
            raise
        return draft.window(stretch, self._recognizer.engine)

    def _batches(self, track: Track, offset: float, before: str, request: SpeechRequest) -> Iterator[Batch]:
        """Yield the track's batches; a card without room for a single chunk hands the remaining ones to the CPU."""
        done = position = 0
        while True:
            assert self._recognizer is not None
            rest, known = track.after(done), None if before == UNDETERMINED else before
            try:
                for batch in self._recognizer.hear(rest, offset + done / RATE, language=request.language, before=known):
                    found = batch.moved(done)
                    position, before = found.position, found.language or before
                    yield found
                return
            except OutOfMemory as error:
                problem = str(error)
            # Not inside the error's handler, because the error references the model to be freed.
            self._leave_card(request, problem)
            done = position

    def _leave_card(self, request: SpeechRequest, problem: str) -> None:
        assert self._plan is not None
        self._recognizer = None
        gc.collect()  # futures and errors reference each other, and the model
        self._use(request, on_cpu(self._plan, device_messages.card_full(problem), request))
        self._key = ()  # by the next file, other users of the card's memory may have ended

    def _loaded(self, request: SpeechRequest, cuda_error: str | None) -> Recognizer:
        key = (request.model, request.device, request.compute_type, request.batch_size, request.models_dir, cuda_error)
        if self._recognizer is None or key != self._key:
            self._report(Progress("loading"))
            plan = make_plan(request, cuda_error, self._trying)
            self._use(request, plan)
            # A card without room for the model is tried again with the next file.
            self._key = key if self._recognizer and self._recognizer.engine.device == plan.device else ()
        assert self._recognizer is not None
        return self._recognizer

    def _use(self, request: SpeechRequest, plan: LoadPlan) -> None:
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


def _seconds(spans: Sequence[tuple[float, float]]) -> float:
    return sum(end - start for start, end in spans)


class SessionRun:
    """The speed of one run through a file, from sample `first` on, or through `spans` seconds of it."""

    def __init__(self, request: SpeechRequest, first: int, say: Say, *, spans: float = 0.0) -> None:
        self.request, self.first, self.end = request, first, first
        self.heard = 0  # samples of the stretches that are done
        self._spans = spans
        self._say = say
        self._began = time.monotonic()

    def report(self, stretch: Stretch, position: int) -> None:
        """Send progress: `position` samples of the stretch are done."""
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
    """A window during its transcription; `language` is the one spoken last.

    All text before sample `whole` of the stretch can be sent by itself: no sentence continues after it. It is 0 at first.
    """

    def __init__(self, index: int, language: str, script: ChineseScript) -> None:
        self.language = self._language_at_whole = language
        self.whole = 0
        self._index, self._script = index, script
        self._heard: dict[int | None, list[HeardPiece]] = {}
        self._refused: dict[int | None, list[RefusedSpan]] = {}
        self._began = time.monotonic()

    def take(self, track: Track, batch: Batch) -> None:
        self._heard.setdefault(track.channel, []).extend(batch.heard)
        self._refused.setdefault(track.channel, []).extend(batch.refused)
        self.language = batch.language or self.language
        if self._is_over(track, batch.position):
            self.whole, self._language_at_whole = batch.position, self.language

    def _is_over(self, track: Track, position: int) -> bool:
        """Return whether later text cannot change the part before this position: a pause after the end of a sentence."""
        before = max((s[1] for s in track.voiced if s[1] <= position), default=-len(track.samples))
        behind = min((s[0] for s in track.voiced if s[0] >= position), default=2 * len(track.samples))
        pause = (behind - before) / RATE
        last = max(self._heard[track.channel], key=lambda h: h.end, default=None)
        return pause >= LONG_PAUSE or (pause >= SENTENCE_PAUSE and (last is None or ends(punctuate([last])[0].text)))

    def window(self, stretch: Stretch, engine: SpeechEngine, end: int | None = None) -> Window:
        """Return the text of the stretch up to sample `end`, or all of it, as a finished window."""
        last = stretch.length if end is None else end
        start, stop = stretch.start / RATE, (stretch.start + last) / RATE
        written: list[HeardPiece] = []
        spoken: list[Spoken] = []
        for track in stretch.tracks:
            pieces = arrange([h for h in self._heard.get(track.channel, ()) if h.start < stop], start, stop)
            kept, hallucinations = sort_out(pieces)
            voiced = [span for span in track.voiced if span[1] <= last]
            refused = [r for r in self._refused.get(track.channel, ()) if r.span[0] < last]
            spoken += account(voiced, kept, hallucinations, refused, start, channel=track.channel)
            written += write_chinese(sentences(punctuate(kept)), self._script)
        if len(stretch.tracks) > 1:
            written = arrange_whole(written, start, stop)
        return Window(
            index=self._index,
            start=start,
            end=stop,
            language=self.language if end is None else self._language_at_whole,
            segments=tuple(
                Segment(i, h.start, h.end, h.text.strip(), words=h.words, language=h.language) for i, h in enumerate(written)
            ),
            speech_seconds=round(coverage(spoken).speech, 3),
            wall_seconds=round(time.monotonic() - self._began, 3),
            engine=engine,
            spoken=tidy(spoken),
            planned_from=stretch.planned_from / RATE,
            broken_off=end is not None,
        )

"""Transcribe one track, round after round; the diagram is in engine.py."""

from __future__ import annotations

import gc
import heapq
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from core.domain.transcripts.spoken import Why
from core.domain.transcripts.transcript import Word
from core.speech.audio.chunks import SpeechChunk, pack, unread
from core.speech.audio.spans import RATE, Span, intersect, length, subtract
from core.speech.audio.windows import Track
from core.speech.text import marks
from core.speech.text.hallucinations import is_weak
from core.speech.text.sentences import HeardPiece
from core.speech.worker import languages
from core.speech.worker.batches import Batch, RefusedSpan
from core.speech.worker.card_faults import OutOfMemory
from core.speech.worker.decoder import WAYS, DecodedText, Decoder, Encoded, Features
from core.speech.worker.doubts import crammed, suspect, without_echoes
from core.speech.worker.languages import Slice
from core.speech.worker.passages import Passage

ROUNDS = 6

# Speech that loops with all options is decoded again in pieces of this many seconds.
PIECE = 8.0

# For speech shorter than this, text that the model doubts is dropped.
LEAST_CERTAIN = 1.0

# Speech shorter than the shortest word is a click.
SHORTEST_SPEECH = 0.1

# The least duration of a word in seconds, even if less of its sound is left: the letters a second tell how credible the text is.
SHORTEST_WORD = 0.35

LEAST_LOG_PROBABILITY = -1.2


@dataclass(frozen=True, slots=True)
class _Sound:
    """An encoded chunk: row `row` of `encoded`. `languages` are those of its slices, if they were detected."""

    encoded: Encoded
    row: int
    parts: tuple[Slice, ...] = ()
    languages: tuple[Mapping[str, float], ...] = ()


@dataclass(order=True)
class _Task:
    """A chunk in the queue: `origin` counts the chunks of the first round, which later rounds belong to."""

    origin: int
    start: int
    number: int
    chunk: SpeechChunk = field(compare=False)


class Hearing:
    """The state of one track during its transcription."""

    def __init__(
        self, decoder: Decoder, pool: ThreadPoolExecutor, track: Track, offset: float, *, fixed: str | None, before: str | None
    ) -> None:
        self._decoder, self._track, self._offset, self._pool = decoder, track, offset, pool
        self._fixed, self._before = fixed, before
        self._number = itertools.count()
        self._tasks: list[_Task] = []
        self._features: dict[SpeechChunk, Future[Features]] = {}
        self._sounds: dict[SpeechChunk, Future[_Sound]] = {}
        self._borders: list[int] = []
        self._language_at: list[str | None] = []
        # Keyed by the chunk of the first round that they belong to; kept until all of that chunk is settled.
        self._heard: dict[int, list[HeardPiece]] = {}
        self._refused: dict[int, list[RefusedSpan]] = {}

    def batches(self, size: int) -> Iterator[Batch]:
        chunks = pack([s for s in self._track.speech if length(intersect([s], self._track.voiced)) > 0])
        self._borders = [(a[-1][1] + b[0][0]) // 2 for a, b in itertools.pairwise(chunks)] + [len(self._track.samples)]
        self._language_at = [self._fixed] * len(chunks)
        for origin, spans in enumerate(chunks):
            self._push(origin, SpeechChunk(spans, language=self._fixed))
        if not self._tasks:
            yield self._settled(len(chunks))  # clicks may remain to be reported
        while self._tasks:
            before = self._state()
            batch = [heapq.heappop(self._tasks) for _ in range(min(size, len(self._tasks)))]
            if self._fits(batch, size):
                yield self._settled(len(chunks))
                continue
            # Part of the batch may have been decoded already: all of it is decoded again.
            self._tasks, self._heard, self._refused, self._before, self._language_at = before
            size //= 2
            # Futures and errors reference each other and the batch, which would stay on the card.
            gc.collect()

    def _fits(self, batch: Sequence[_Task], size: int) -> bool:
        try:
            self._do(batch, size)
        except OutOfMemory:
            if size == 1:
                raise
            return False
        return True

    def _state(
        self,
    ) -> tuple[list[_Task], dict[int, list[HeardPiece]], dict[int, list[RefusedSpan]], str | None, list[str | None]]:
        heard = {origin: list(found) for origin, found in self._heard.items()}
        refused = {origin: list(found) for origin, found in self._refused.items()}
        return list(self._tasks), heard, refused, self._before, list(self._language_at)

    def _settled(self, count: int) -> Batch:
        """Return the results of the chunks that are finished."""
        last = (self._tasks[0].origin if self._tasks else count) - 1
        heard = [h for origin in sorted(self._heard) if origin <= last for h in self._heard.pop(origin)]
        refused = [r for origin in sorted(self._refused) if origin <= last for r in self._refused.pop(origin)]
        position = self._borders[last] if last >= 0 else 0
        return Batch(position, self._language_at[last] if last >= 0 else None, tuple(heard), tuple(refused))

    def _push(self, origin: int, chunk: SpeechChunk) -> None:
        spoken = intersect(self._track.voiced, chunk.spans)
        if length(spoken) < SHORTEST_SPEECH * RATE:
            self._refuse(origin, spoken, Why.TOO_SHORT)
            return
        heapq.heappush(self._tasks, _Task(origin, chunk.start, next(self._number), chunk))

    def _refuse(self, origin: int, spans: Sequence[Span], why: Why) -> None:
        self._refused.setdefault(origin, []).extend(RefusedSpan(span, why) for span in spans)

    def _do(self, batch: Sequence[_Task], size: int) -> None:
        sounds = self._encoded(batch)
        parts = self._by_language(batch, sounds)
        readings = [
            self._pool.submit(self._read, part, language, [batch[i].chunk for i in rows]) for language, part, rows in parts
        ]
        self._prepare(heapq.nsmallest(size, self._tasks))
        try:
            for (language, _, rows), found in zip(parts, readings, strict=True):
                for i, reading in zip(rows, found.result(), strict=True):
                    self._take(batch[i], language, reading)
        finally:
            wait(readings)  # after an error, results still being decoded are discarded

    def _prepare(self, tasks: Sequence[_Task]) -> None:
        for chunk in (task.chunk for task in tasks):
            if self._decoder.apart and chunk not in self._sounds:
                self._sounds[chunk] = self._pool.submit(self._alone, chunk)
            elif not self._decoder.apart and chunk not in self._features:
                self._features[chunk] = self._pool.submit(self._featured, chunk)

    def _encoded(self, batch: Sequence[_Task]) -> list[_Sound]:
        self._prepare(batch)
        if self._decoder.apart:
            return [self._sounds.pop(t.chunk).result() for t in batch]
        features = [self._features.pop(t.chunk).result() for t in batch]
        encoded = self._decoder.encode(features, [t.chunk.seconds for t in batch])
        states = None if all(t.chunk.language for t in batch) else encoded.array
        return [self._asked(t.chunk, encoded, i, states) for i, t in enumerate(batch)]

    def _featured(self, chunk: SpeechChunk) -> Features:
        return self._decoder.features(chunk.samples(self._track.samples))

    def _alone(self, chunk: SpeechChunk) -> _Sound:
        encoded = self._decoder.encode([self._featured(chunk)], [chunk.seconds])
        return self._asked(chunk, encoded, 0, None if chunk.language else encoded.array)

    # --- languages --------------------------------------------------------------------------------

    def _asked(self, chunk: SpeechChunk, encoded: Encoded, row: int, states: Features | None) -> _Sound:
        if chunk.language or states is None:
            return _Sound(encoded, row)
        parts = tuple(languages.slices(chunk))
        found = self._decoder.slice_languages(states[row], [(p.begin, p.end) for p in parts])
        return _Sound(encoded, row, parts, tuple(found))

    def _by_language(self, batch: Sequence[_Task], sounds: Sequence[_Sound]) -> list[tuple[str, Encoded, list[int]]]:
        """Return (language, encoded chunks, their indices in the batch) for each language. A chunk in two languages is queued
        again as one chunk each.
        """
        groups: dict[tuple[str, int], list[int]] = {}
        for i, (task, sound) in enumerate(zip(batch, sounds, strict=True)):
            chunk, language = task.chunk, task.chunk.language
            if language is None:
                runs = self._runs(sound, chunk.before if chunk.round else self._before)
                language = runs[0][0]
                if not chunk.round:
                    self._before = runs[-1][0]
                    self._language_at[task.origin :] = [self._before] * (len(self._language_at) - task.origin)
                if len(runs) > 1:
                    for name, spans in runs:
                        self._push(task.origin, replace(chunk, spans=spans, language=name))
                    continue
            groups.setdefault((language, id(sound.encoded)), []).append(i)
        return [
            (language, sounds[rows[0]].encoded.pick([sounds[i].row for i in rows]), rows)
            for (language, _), group in groups.items()
            for rows in _shares(group, self._decoder.workers)
        ]

    def _runs(self, sound: _Sound, before: str | None) -> list[tuple[str, tuple[Span, ...]]]:
        names = languages.path(sound.languages, [p.seconds for p in sound.parts], before)
        return languages.divide(sound.parts, names, self._track.samples)

    # --- decoding ---------------------------------------------------------------------------------

    def _read(self, part: Encoded, language: str, chunks: Sequence[SpeechChunk]) -> list[DecodedText | None]:
        """Return the decoding of each chunk; None when every attempt repeats itself without the time for it."""
        first = [without_echoes(reading) for reading in self._decoder.read(part, language)]
        found = [self._without_loops(reading, part, i, language, chunks[i]) for i, reading in enumerate(first)]
        return [r and self._with_marks(r, part, i, language, chunks[i]) for i, r in enumerate(found)]

    def _with_marks(self, first: DecodedText, part: Encoded, i: int, language: str, chunk: SpeechChunk) -> DecodedText:
        if not marks.lacking(first.text, language):
            return first
        (other,) = self._decoder.read(part.pick([i]), language, example=marks.example(language))
        return first if suspect(other, self._seconds(chunk)) else marks.written_as(first, other)

    def _without_loops(self, first: DecodedText, part: Encoded, i: int, language: str, chunk: SpeechChunk) -> DecodedText | None:
        seconds = self._seconds(chunk)
        if not suspect(first, seconds):
            return first
        alone = part.pick([i])
        for way in range(1, len(WAYS)):
            (other,) = self._decoder.read(alone, language, way=way)
            if not suspect(other, seconds) and other.mean_log_probability > LEAST_LOG_PROBABILITY:
                return other
        return None if crammed(first, seconds) else first

    def _seconds(self, chunk: SpeechChunk) -> float:
        return length(intersect(self._track.voiced, chunk.spans)) / RATE

    def _take(self, task: _Task, language: str, reading: DecodedText | None) -> None:
        """Keep the decoded text, and queue speech without text."""
        chunk = replace(task.chunk, language=language)
        voiced = intersect(self._track.voiced, chunk.spans)
        if reading is None:
            pieces = pack([part for span in chunk.spans for part in self._halved(span)], PIECE)
            # A model of one language invents another text for each piece of speech that it does not understand.
            if len(pieces) > 1 and self._decoder.multilingual:
                for spans in pieces:
                    self._push(task.origin, replace(chunk, spans=spans))
            else:
                self._refuse(task.origin, voiced, Why.LOOP if self._decoder.multilingual else Why.ENGLISH_ONLY)
            return
        words: list[Word] = []
        for passage in reading.passages:
            heard = self._heard_of(chunk, voiced, passage, reading)
            if heard.weak and (chunk.round or self._is_faint(chunk)):
                self._refuse(task.origin, intersect(voiced, [self._samples(heard)]), Why.DOUBTED)
            else:
                self._heard.setdefault(task.origin, []).append(heard)
            words += heard.words
        rests = unread(chunk, self._track.voiced, words, self._offset)
        if not words or chunk.round >= ROUNDS:
            self._refuse(task.origin, [s for rest in rests for s in intersect(voiced, rest)], Why.NO_WORDS)
            return
        for spans in rests:
            self._push(task.origin, SpeechChunk(spans, chunk.round + 1, self._fixed, language))

    def _halved(self, span: Span) -> list[Span]:
        """Cut a span that is longer than a piece where it is quietest near its middle, as often as needed."""
        if span[1] - span[0] <= PIECE * RATE:
            return [span]
        middle = (span[0] + span[1]) // 2
        at = languages.quietest(self._track.samples, (span[0], middle), (middle, span[1]))
        return [*self._halved((span[0], at)), *self._halved((at, span[1]))]

    def _heard_of(self, chunk: SpeechChunk, voiced: Sequence[Span], passage: Passage, reading: DecodedText) -> HeardPiece:
        words = tuple(chunk.place(word, voiced, self._offset) for word in passage.words)
        weak = is_weak(
            mean_log_probability=reading.mean_log_probability,
            no_speech=reading.no_speech,
            word_probabilities=[w.probability for w in words],
            characters=len(passage.text) / max(words[-1].end - words[0].start, SHORTEST_WORD),
        )
        language = chunk.language
        return HeardPiece(words[0].start, words[-1].end, passage.text, words, weak, again=chunk.round > 0, language=language)

    def _is_faint(self, chunk: SpeechChunk) -> bool:
        """Return whether the detector is certain of hardly a word of speech in the chunk, or of less than is uncertain."""
        certain = length(intersect(subtract(self._track.voiced, self._track.faint), chunk.spans))
        return certain < max(LEAST_CERTAIN * RATE, length(intersect(self._track.faint, chunk.spans)))

    def _samples(self, heard: HeardPiece) -> Span:
        return round((heard.start - self._offset) * RATE), round((heard.end - self._offset) * RATE)


def _shares(rows: list[int], most: int) -> list[list[int]]:
    """Divide the rows into at most that many parts of nearly the same size."""
    size = math.ceil(len(rows) / most)
    return [rows[i : i + size] for i in range(0, len(rows), size)]

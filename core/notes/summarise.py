"""Write notes by a language model, from a transcript of any length, with evidence that code has checked.

    transcript → chunks (chunking) ─┬→ read one (asking): gist, points with quotes, chapters, terms, actions
                                    │    refused or cut short → its halves
                                    │    the first one read → its count of tokens (gauge) → the rest is cut anew to fit
                                    │    each quote looked for (verify); missing ones asked for once more, together;
                                    │    the first answer is kept meanwhile
                                    │    → on_chunk(key, result): kept, and taken from `done` after a restart
                                    └→ all read? else IncompleteCoverage
    results → groups that fit → gist and picks of each → … → one gist of two sentences
    points chosen by code (choose), spread over the episode; chapters, terms and actions joined by code

A merge sees statements and returns numbers and a gist: it cannot invent a quote, re-word evidence or drop a stretch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core import errors
from core.domain.notes.note import Notes
from core.domain.transcripts.transcript import Segment, Transcript
from core.notes import selection
from core.notes.answers.json_schemas import WantedField
from core.notes.chunk_notes import ANSWER, ChunkReading, Reader, answer_tokens, chunk_budget
from core.notes.merge import Merger, NotesPart
from core.notes.no_speech import nobody_speaks
from core.notes.prompt_check import Asker, Chat, CutShort
from core.notes.text.chunking import Chunk, ChunkPiece, cut, pieces

OnChunk = Callable[[str, dict[str, Any]], None]
OnProgress = Callable[[float, dict[str, Any]], None]
MAP_SHARE = 0.9
MOST_TERMS = 20
MOST_ACTIONS = 12


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class NotesRequest:
    """The model and limits of a request. `language` is the code of the language to write in (`en`, `zh`, …; not `auto`).

    `num_ctx` and `num_predict` are tokens (0: a third of the context, at most 2048); `wall_clock_seconds` bounds each answer;
    `max_points` 0 follows the length of the episode.
    """

    model: str
    language: str
    num_ctx: int = 8192
    wall_clock_seconds: float = 600.0
    num_predict: int = 0
    max_points: int = 0

    @property
    def answer_tokens(self) -> int:
        return answer_tokens(self.num_ctx, self.num_predict)

    @property
    def longest_answer(self) -> int:
        """The longest allowed answer, in tokens, where the context has room for it."""
        return self.num_predict or 2 * self.answer_tokens

    def points_for(self, duration: float) -> int:
        """Return the number of key points for an episode of `duration` seconds: 5, and one more every 6 minutes, up to 15."""
        return self.max_points or min(15, 5 + int(duration // 360))


def summarise(
    transcript: Transcript,
    request: NotesRequest,
    *,
    client: Chat,
    done: Mapping[str, Mapping[str, Any]],
    on_chunk: OnChunk,
    on_progress: OnProgress,
    cancelled: Callable[[], bool],
    out_of_time: Callable[[], bool] = _never,
) -> Notes:
    """Return the notes. `done` holds the results that earlier runs gave to `on_chunk`, by key; those chunks are not asked for
    again.

    `on_progress(fraction, {phase, done, total, next})`: phase `read` counts segments, `merge` has none; `next` is the fraction
    after the answer to come. Once `out_of_time`, and at least one chunk further than before, the notes cover the chunks read so
    far: their `coverage` says how much that is.
    Raises IncompleteCoverage unless every segment was read, OllamaBadAnswer and the client's errors; Cancelled.
    """
    started = time.monotonic()
    spoken = [s for s in transcript.segments if s.text.strip()]
    if not spoken:
        return replace(nobody_speaks(request.language), engine="ollama")
    asker = Asker(client, request.model, request.num_ctx, request.longest_answer, request.wall_clock_seconds, cancelled)
    work = _Work(asker, request, spoken, transcript.duration, done=done, on_chunk=on_chunk, on_progress=on_progress)
    readings = work.read_all(out_of_time)
    coverage = len(work.read & {s.id for s in spoken}) / len(spoken)
    if coverage < 1.0 and not work.stopped:
        raise errors.IncompleteCoverage(coverage=round(coverage, 4))
    on_progress(MAP_SHARE, {"phase": "merge", "next": 1.0})
    merger = Merger(asker, request.language, request.points_for(transcript.duration), done, on_chunk)
    part = merger.merge([NotesPart(r.gist, tuple(r.candidates)) for r in readings])
    on_progress(1.0, {"phase": "merge"})
    notes = _joined(readings, part, transcript.duration, merger.limit)
    seconds = round(time.monotonic() - started, 3)
    return replace(notes, coverage=coverage, model=request.model, language=request.language, seconds=seconds)


class _Work:
    """Reads every chunk, splitting those that do not fit."""

    def __init__(
        self,
        asker: Asker,
        request: NotesRequest,
        spoken: list[Segment],
        duration: float,
        *,
        done: Mapping[str, Mapping[str, Any]],
        on_chunk: OnChunk,
        on_progress: OnProgress,
    ) -> None:
        wanted = WantedField(request.points_for(duration), _chapters(duration), MOST_TERMS, MOST_ACTIONS)
        self._reader = Reader(asker, request.language, {s.id: s for s in spoken}, wanted, duration)
        self._cancelled = asker.cancelled
        self._done, self._on_chunk, self._on_progress = done, on_chunk, on_progress
        self._asker, self._request = asker, request
        self._chunks = list(self._cut(pieces(spoken)))
        self._total = len(spoken)
        self._asked = 0
        self.read: set[int] = set()
        self.stopped = False

    def read_all(self, out_of_time: Callable[[], bool]) -> list[ChunkReading]:
        """Read every chunk, or those for which there was time: `stopped` then."""
        readings: list[ChunkReading] = []
        too_long = float("inf")
        waiting = self._chunks
        while waiting:
            if self._cancelled():
                raise errors.Cancelled
            if self._asked and readings and out_of_time():
                self.stopped = True
                return readings
            chunk = waiting.pop(0)
            self._report(len(self.read | set(chunk.segment_ids)))
            reading = None if chunk.tokens >= too_long else self._one(chunk)
            if reading is None:
                too_long = min(too_long, chunk.tokens)
                waiting[:0] = self._halves(chunk)
                continue
            if not readings and reading.share is not None:
                self._asker.gauge.share = reading.share
                waiting[:] = self._cut_anew(waiting)
            readings.append(reading)
            # A segment that was split is read when its last part is.
            open_parts = {p.segment_id for later in waiting for p in later.pieces}
            self.read |= set(chunk.segment_ids) - open_parts
        self._report(self._total)
        return readings

    def _cut(self, whole: Sequence[ChunkPiece]) -> tuple[Chunk, ...]:
        """Cut into chunks that fit by the known share of tokens."""
        request = self._request
        return cut(whole, chunk_budget(request.language, request.num_ctx, request.num_predict, self._asker.gauge))

    def _cut_anew(self, waiting: Sequence[Chunk]) -> Sequence[Chunk]:
        """Cut the remaining text into chunks of the size that the first count allows; keep the old cut where hardly any
        remains.
        """
        try:
            return self._cut([piece for chunk in waiting for piece in chunk.pieces])
        except errors.ContextTooSmall:
            return waiting

    def _report(self, then: int) -> None:
        """Report progress. `then`: how many segments will be read after the next chunk."""
        done = len(self.read)
        reached = {"phase": "read", "done": done, "total": self._total, "next": MAP_SHARE * then / self._total}
        self._on_progress(MAP_SHARE * done / self._total, reached)

    def _one(self, chunk: Chunk) -> ChunkReading | None:
        """Return the chunk's reading, new or kept; None when it has to be split."""
        key = self._reader.key(chunk)
        kept = self._done.get(key)
        if kept is not None and kept.get("split"):
            return None
        if kept is not None and ANSWER not in kept:
            return ChunkReading.from_dict(kept)
        self._asked += 1
        try:
            reading = self._reader.read(chunk, kept or {}, lambda answer: self._on_chunk(key, answer))
        except CutShort:
            self._on_chunk(key, {"split": True})
            return None
        self._on_chunk(key, reading.to_dict())
        return reading

    def _halves(self, chunk: Chunk) -> tuple[Chunk, Chunk]:
        halves = chunk.halves()
        if halves is None:
            raise errors.IncompleteCoverage(
                "The language model's context is too small for even one sentence of the transcript, or its server cuts what it "
                "is sent. Nothing is lost; raise the context length in the settings, or update Ollama.",
                coverage=round(len(self.read) / self._total, 4),
            )
        return halves


def _chapters(duration: float) -> int:
    """Return the highest number of chapters: one every 4 minutes, 3 to 12."""
    return max(3, min(12, int(duration // 240)))


def _joined(readings: list[ChunkReading], part: NotesPart, duration: float, limit: int) -> Notes:
    candidates = selection.distinct_points(part.candidates)
    return Notes(
        tldr=part.gist,
        points=tuple(candidates[i].point for i in selection.spread(candidates, frozenset(), limit)),
        chapters=selection.chapters((c for r in readings for c in r.chapters), duration, _chapters(duration)),
        terms=selection.terms((t for r in readings for t in r.terms), MOST_TERMS),
        actions=selection.actions((a for r in readings for a in r.actions), MOST_ACTIONS),
        engine="ollama",
    )

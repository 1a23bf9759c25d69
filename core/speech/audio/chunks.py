"""Pack speech for the decoder: chunks of up to half a minute, silence left out, that end in a pause.

    speech ─► pack at pauses ─► Chunk ─decoded─► unread: speech in it without a word ─► Chunks of the next round

A full chunk is not cut at its end but at the longest pause after its first 12 s: a sentence that is cut in two loses words on
both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.domain.transcripts.transcript import Word
from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE, Span, intersect, join, length, reach, subtract

LONGEST_CHUNK = 30.0
EARLIEST_CUT = 12.0
# A longer pause is no better place to cut.
CLEAR_PAUSE = 2.0
# Shorter rests between words are breath, hesitation and the aligner's inaccuracy.
LEAST_REST = 0.8
# An isolated piece of speech of this length, with pauses around it, is at least a word.
LEAST_ISLAND = 0.35
# Rests closer to each other than this count as one.
NEAR = 1.0
PADDING = 0.3
# Less of a word's sound than this is the aligner's inaccuracy.
LEAST_SOUND = 0.06


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """Spans of samples, relative to the stretch. `round` counts how often this speech was decoded before.

    `language` is the one to decode in, `before` the one of the speech before it, as far as they are known.
    """

    spans: tuple[Span, ...]
    round: int = 0
    language: str | None = None
    before: str | None = None

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]

    @property
    def seconds(self) -> float:
        return length(self.spans) / RATE

    def samples(self, stretch: Samples) -> Samples:
        return np.concatenate([stretch[begin:end] for begin, end in self.spans])

    def place(self, word: Word, voiced: Sequence[Span], offset: float) -> Word:
        """Convert a word's times from the chunk to the file, without the silence that the aligner gave it.

        A word that touches several sounds gets the one in which it ends, unless it hardly begins there and has more of one
        before: the aligner gives a first word the pause before it more often than a last word the pause behind it. `offset` is
        the second of the file at which the stretch begins.
        """
        parts = self._on_stretch(int(word.start * RATE), int(word.end * RATE))
        *earlier, last = intersect(voiced, parts) or parts
        clearer = [s for s in earlier if s[1] - s[0] >= 2 * (last[1] - last[0])]
        best = clearer[-1] if clearer and last[1] - last[0] < LEAST_SOUND * RATE else last
        # Summed in samples: the times must not depend on where the stretch begins.
        first = round(offset * RATE)
        return Word((first + best[0]) / RATE, (first + best[1]) / RATE, word.text, word.probability)

    def _on_stretch(self, first: int, last: int) -> list[Span]:
        """Map samples [first, last) of the chunk to spans of the stretch; at least one, though it may be empty."""
        found, passed = [], 0
        for begin, end in self.spans:
            a, b = max(begin + first - passed, begin), min(begin + last - passed, end)
            if a < b:
                found.append((a, b))
            passed += end - begin
        if found:
            return found
        passed = 0
        for begin, end in self.spans:
            if first < passed + end - begin:
                return [(begin + first - passed, begin + first - passed)]
            passed += end - begin
        return [(self.end, self.end)]


def pack(speech: Sequence[Span], longest: float = LONGEST_CHUNK) -> list[tuple[Span, ...]]:
    """Gather neighbouring spans into chunks of at most `longest` seconds of speech, each ending in a good pause."""
    chunks: list[tuple[Span, ...]] = []
    gathered: list[Span] = []
    for span in speech:
        gathered.append(span)
        while len(gathered) > 1 and length(gathered) > longest * RATE:
            at = _best_cut(gathered, longest)
            chunks.append(tuple(gathered[:at]))
            gathered = gathered[at:]
    return [*chunks, tuple(gathered)] if gathered else chunks


def _best_cut(spans: Sequence[Span], longest: float) -> int:
    """Return the number of spans to take: at least one, with the longest pause behind them, late rather than early."""
    best, at, done = (False, 0, 0), 1, 0
    for i, (span, following) in enumerate(pairwise(spans), 1):
        done += span[1] - span[0]
        if done > longest * RATE:
            break
        pause = min(following[0] - span[1], int(CLEAR_PAUSE * RATE))
        if (done >= EARLIEST_CUT * RATE, pause, i) > best:
            best, at = (done >= EARLIEST_CUT * RATE, pause, i), i
    return at


def unread(chunk: SpeechChunk, voiced: Sequence[Span], words: Sequence[Word], offset: float) -> list[tuple[Span, ...]]:
    """Return speech of the chunk that no word accounts for, in groups that are worth another decoding.

    `voiced` are spans of speech, without padding; `offset` is the second of the file at which the samples begin.
    """
    inside = intersect(voiced, chunk.spans)
    heard = reach(words, offset)
    rests = subtract(inside, heard)
    whole = set(inside)
    groups: list[list[Span]] = []
    for rest in rests:
        near = groups and rest[0] - groups[-1][-1][1] < NEAR * RATE and not intersect([(groups[-1][-1][1], rest[0])], heard)
        if near:
            groups[-1].append(rest)
        else:
            groups.append([rest])
    worth = [g for g in groups if _is_worth(g, whole)]
    return [part for group in worth for part in pack(_padded(group, chunk, heard))]


def _is_worth(group: Sequence[Span], whole: set[Span]) -> bool:
    seconds = length(group) / RATE
    return seconds >= LEAST_REST or (seconds >= LEAST_ISLAND and all(rest in whole for rest in group))


def _padded(group: Sequence[Span], chunk: SpeechChunk, heard: Sequence[Span]) -> list[Span]:
    """Widen a group by some sound around it, within the chunk and outside words already heard."""
    wide = join([(begin - int(PADDING * RATE), end + int(PADDING * RATE)) for begin, end in group])
    free = subtract(intersect(wide, chunk.spans), heard)
    return [span for span in free if intersect([span], group)]

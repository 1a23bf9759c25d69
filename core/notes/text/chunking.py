"""Cut a transcript into chunks that fit a language model's context. Pure.

    segments → pieces (a segment, or a part of one that is too long) → chunks within a budget of tokens → halves, when refused
    chunk → lines: neighbouring pieces of one speaker, joined until a sentence ends or a pause comes

Every segment is in exactly one chunk (one that is too long for a chunk: its parts in neighbouring ones, each once), so that
coverage can be counted. Tokens are guessed, for the tokenizer is the model's own: `most_tokens` errs high, `least_tokens` errs
low, to recognise a count that cannot be that of the whole prompt. Real counts are LIKELY of the high guess;
core.notes.server_gauge learns the true share from the server's first count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.domain.transcripts.transcript import Segment, is_cjk, join_text

# Tokens of "[123] " before and a line break after a line, and of a piece that is joined to others in one.
LINE_TOKENS, JOINED_TOKENS = 6, 2
# The share of the high guess that common tokenizers stay under with English and Chinese.
LIKELY = 0.7
# A line, some 20 s of speech, ends after so many letters at a sentence's end, and at twice as many anywhere; a CJK character
# counts as three.
LINE_LETTERS = 280
# Seconds without speech after which a new topic may begin.
PAUSE = 2.0
# Below this a text is not split any more: if even this does not fit, the context length is at fault.
SMALLEST_SPLIT = 24
_STOPS = "。！？.!?；;，,、 "
_SENTENCE_ENDS = tuple("。！？.!?…")


@dataclass(frozen=True, slots=True)
class ChunkPiece:
    """A segment, or a part of one. `opens`: whether a line begins here whatever came before."""

    segment_id: int
    text: str
    opens: bool = False

    @property
    def tokens(self) -> int:
        return most_tokens(self.text) + (LINE_TOKENS if self.opens else JOINED_TOKENS)


@dataclass(frozen=True, slots=True)
class ChunkLine:
    """One numbered line of the prompt, and the segment at which it begins."""

    segment_id: int
    text: str


@dataclass(frozen=True)
class Chunk:
    """Pieces that are read together."""

    pieces: tuple[ChunkPiece, ...]

    @cached_property
    def tokens(self) -> int:
        return sum(p.tokens for p in self.pieces)

    @property
    def segment_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(p.segment_id for p in self.pieces))

    @cached_property
    def lines(self) -> tuple[ChunkLine, ...]:
        """Return all pieces as lines, in order. Short ones are joined: the number of a line costs as many tokens as its words."""
        lines: list[ChunkLine] = []
        current: list[ChunkPiece] = []
        size = 0
        for piece in self.pieces:
            full = size >= LINE_LETTERS and current[-1].text.rstrip().endswith(_SENTENCE_ENDS)
            if current and (piece.opens or full or size + _letters(piece.text) > 2 * LINE_LETTERS):
                lines.append(_line(current))
                current, size = [], 0
            current.append(piece)
            size += _letters(piece.text)
        return (*lines, _line(current))

    def halves(self) -> tuple[Chunk, Chunk] | None:
        """Return two chunks of about the same length with the same text; None when it is too short to be split."""
        if len(self.pieces) == 1:
            texts = split_text(self.pieces[0].text)
            if texts is None:
                return None
            first, second = (Chunk((ChunkPiece(self.pieces[0].segment_id, t),)) for t in texts)
            return first, second
        read, border = 0, 1
        for index, piece in enumerate(self.pieces[:-1], start=1):
            border = index
            read += piece.tokens
            if read * 2 >= self.tokens:
                break
        return Chunk(self.pieces[:border]), Chunk(self.pieces[border:])


def most_tokens(text: str) -> int:
    """Return a high guess: 1 token for 3 ASCII letters, for a digit, a sign or another letter; 1.5 for a CJK character."""
    count = 0.0
    for char in text:
        if char.isascii():
            count += 1 / 3 if char.isalpha() else 0.25 if char == " " else 1.0
        else:
            count += 1.5 if is_cjk(char) else 1.0
    return math.ceil(count)


def least_tokens(text: str) -> int:
    """Return a low guess, that no tokenizer in use stays under: 0.75 for a word, one for 4 CJK characters."""
    cjk = sum(is_cjk(c) for c in text)
    words = len(text.split())
    return int(0.75 * words + cjk / 4) if cjk < len(text) / 2 else cjk // 4


def pieces(segments: Iterable[Segment]) -> tuple[ChunkPiece, ...]:
    """Return one piece for each segment; a new line begins with a new speaker and after a pause."""
    found: list[ChunkPiece] = []
    before: Segment | None = None
    for segment in segments:
        opens = before is not None and (before.speaker != segment.speaker or segment.start - before.end >= PAUSE)
        found.append(ChunkPiece(segment.id, segment.text, opens))
        before = segment
    return tuple(found)


def cut(whole: Iterable[ChunkPiece], budget: int) -> tuple[Chunk, ...]:
    """Return consecutive chunks of at most `budget` tokens, of similar length, cut at segment borders."""
    parts = [part for piece in whole for part in _parts(piece, budget)]
    total = sum(p.tokens for p in parts)
    # Equal parts: a short last chunk would get as many points as a long one.
    target = total / max(1, math.ceil(total / budget))
    chunks: list[Chunk] = []
    current: list[ChunkPiece] = []
    size = 0
    for part in parts:
        if current and (size + part.tokens > budget or size >= target):
            chunks.append(Chunk(tuple(current)))
            current, size = [], 0
        current.append(part)
        size += part.tokens
    if current:
        chunks.append(Chunk(tuple(current)))
    return tuple(chunks)


def _parts(piece: ChunkPiece, budget: int) -> Sequence[ChunkPiece]:
    waiting, fitting = [piece.text], list[ChunkPiece]()
    while waiting:
        text = waiting.pop(0)
        halves = split_text(text) if most_tokens(text) + LINE_TOKENS > budget else None
        if halves is None:
            fitting.append(ChunkPiece(piece.segment_id, text, piece.opens and not fitting))
        else:
            waiting[:0] = halves
    return fitting


def _letters(text: str) -> int:
    return len(text) + 2 * sum(is_cjk(c) for c in text)


def _line(joined: Sequence[ChunkPiece]) -> ChunkLine:
    return ChunkLine(joined[0].segment_id, join_text(" ".join(p.text.split()) for p in joined))


def split_text(text: str) -> tuple[str, str] | None:
    """Split the text in two near the middle: after a sentence, a clause or a word if there is one."""
    if len(text) < SMALLEST_SPLIT:
        return None
    middle, reach = len(text) // 2, len(text) // 4
    for stop in _STOPS:
        places = [i + 1 for i in range(middle - reach, middle + reach) if text[i] == stop]
        if places:
            best = min(places, key=lambda i: abs(i - middle))
            return text[:best], text[best:]
    return text[:middle], text[middle:]

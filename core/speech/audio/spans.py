"""Combine spans of samples: [first, end) in order, relative to a stretch of audio.

subtract, intersect, join reach: the samples around a word that count as its sound
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.transcripts.transcript import Word, is_cjk

# The sample rate in Hz of all audio here.
RATE = 16_000
Span = tuple[int, int]

# A word's sound begins before its time and lasts beyond it; the aligner's error is of the same size.
REACH_BEFORE = 0.25
REACH_AFTER = 0.35
# Words do not last longer than this; any longer time from the aligner covers another sound.
LONGEST_WORD_BASE = 0.5
LONGEST_LETTER = 0.12
LONGEST_CHARACTER = 0.5


def length(spans: Iterable[Span]) -> int:
    return sum(end - begin for begin, end in spans)


def join(spans: Iterable[Span], gap: int = 0) -> list[Span]:
    """Sort spans, and join those at most `gap` samples apart."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > begin:
            joined.append((begin, end))
    return joined


def subtract(spans: Sequence[Span], away: Sequence[Span]) -> list[Span]:
    """Return `spans` minus `away`. Both in order, without overlaps."""
    left: list[Span] = []
    first = 0
    for begin, end in spans:
        at = begin
        while first < len(away) and away[first][1] <= begin:
            first += 1
        i = first
        while i < len(away) and away[i][0] < end:
            if away[i][0] > at:
                left.append((at, away[i][0]))
            at = max(at, away[i][1])
            i += 1
        if at < end:
            left.append((at, end))
    return left


def intersect(spans: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return the intersection of `spans` and `other`. Both in order, without overlaps."""
    common: list[Span] = []
    i = j = 0
    while i < len(spans) and j < len(other):
        begin, end = max(spans[i][0], other[j][0]), min(spans[i][1], other[j][1])
        if begin < end:
            common.append((begin, end))
        if spans[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return common


def reach(words: Iterable[Word], offset: float, gap: float = 0.0) -> list[Span]:
    """Return the samples that words account for. `offset` is the second of the file at which the samples begin.

    A word that is longer than possible accounts only for its beginning and its end, and a mark (… or ♪) for nothing.
    """
    found: list[Span] = []
    for word in words:
        if not any(c.isalnum() for c in word.text):
            continue
        begin, end, longest = word.start - offset, word.end - offset, longest_word(word.text)
        parts = [(begin, end)] if end - begin <= longest else [(begin, begin + longest / 2), (end - longest / 2, end)]
        found += [(round((a - REACH_BEFORE) * RATE), round((b + REACH_AFTER) * RATE)) for a, b in parts]
    return join(found, int(gap * RATE))


def longest_word(text: str) -> float:
    """Return the longest plausible duration of a word, in seconds."""
    letters = [c for c in text if c.isalnum()]
    wide = sum(is_cjk(c) for c in letters)
    return LONGEST_WORD_BASE + LONGEST_CHARACTER * wide + LONGEST_LETTER * (len(letters) - wide)

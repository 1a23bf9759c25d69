"""From what the model heard to segments that can be read and clicked: in order, apart, and about a sentence long.

Heard (may overlap, may hold half a minute) ─► in order, words inside ─► cut at sentence ends and long pauses ─► Segment
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.domain.transcript import Word

SENTENCE_ENDS = ".!?。！？…"
CLAUSE_ENDS = ",;:，；：、"
CLOSERS = "\"'”’）)」』】"
LONG_SECONDS = 30.0
LONG_CHARACTERS = 240
# Within one segment, a silence as long as this separates two thoughts (or two speakers).
LONG_PAUSE = 2.0
ABBREVIATION = re.compile(r"([^\W\d_]\.)+|(Mr|Mrs|Ms|Dr|Prof|St|vs|etc)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """One segment as the model gave it, in seconds of the whole file. `words` keep the spaces around them.

    `weak` says that the model itself doubted it: see `core.speech.phantoms`.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    weak: bool = False


def arrange(heard: Iterable[Heard], begin: float, end: float) -> list[Heard]:
    """In order and without overlap, within [begin, end]; long ones cut where sentences end; nothing empty."""
    pieces = [p for h in sorted(heard, key=lambda h: (h.start, h.end)) for p in _cut(h) if p.text.strip()]
    arranged: list[Heard] = []
    for piece in pieces:
        arranged.append(_within(piece, begin, end))
        begin = arranged[-1].end
    return arranged


def _within(heard: Heard, begin: float, end: float) -> Heard:
    """Clamped so that times rise: words stay inside their segment and follow one another."""
    start = _clamp(heard.start, begin, end)
    words, at = [], start
    for word in heard.words:
        first = _clamp(word.start, at, end)
        at = _clamp(word.end, first, end)
        words.append(replace(word, start=round(first, 3), end=round(at, 3)))
    stop = max(at, _clamp(heard.end, start, end)) if not words else at
    return replace(heard, start=round(start, 3), end=round(stop, 3), words=tuple(words))


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), max(low, high))


def _cut(heard: Heard) -> Iterator[Heard]:
    groups = [group for run in _split_at_pauses(heard.words) for group in _split_long(run)]
    if len(groups) <= 1:
        yield heard
        return
    for group in groups:
        text = "".join(word.text for word in group)
        yield replace(heard, start=group[0].start, end=group[-1].end, text=text, words=tuple(group))


def _split_at_pauses(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    begin = 0
    for i in range(1, len(words)):
        if words[i].start - words[i - 1].end >= LONG_PAUSE:
            yield words[begin:i]
            begin = i
    if words:
        yield words[begin:]


def _split_long(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """One group a sentence when the run holds several sentences; a sentence that is too long is cut where it can be."""
    begin = 0
    for i in range(len(words)):
        if _ends(words[i], SENTENCE_ENDS) or i == len(words) - 1:
            yield from _split_endless(words[begin : i + 1])
            begin = i + 1


def _split_endless(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """A run without sentence ends is halved at the clause end or else the pause nearest its middle until it is short."""
    if not words:
        return
    length = sum(len(word.text) for word in words)
    if len(words) < 4 or (words[-1].end - words[0].start <= LONG_SECONDS and length <= LONG_CHARACTERS):
        yield words
        return
    middle = len(words) / 2
    inner = range(len(words) // 4, max(len(words) * 3 // 4, len(words) // 4 + 1))
    clauses = [i for i in inner if _ends(words[i], CLAUSE_ENDS)]
    if clauses:
        at = min(clauses, key=lambda i: abs(i - middle))
    else:
        at = max(inner, key=lambda i: (round(words[i + 1].start - words[i].end, 2), -abs(i - middle)))
    yield from _split_endless(words[: at + 1])
    yield from _split_endless(words[at + 1 :])


def _ends(word: Word, marks: str) -> bool:
    """Whether a word closes a sentence or clause; the full stop of an abbreviation (J. or U.S.) does not."""
    text = word.text.strip().rstrip(CLOSERS)
    return bool(text) and text[-1] in marks and not ABBREVIATION.fullmatch(text)

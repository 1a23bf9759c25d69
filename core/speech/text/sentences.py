"""Turn decoded text into segments that can be read and clicked: in order, without overlap, and a sentence long.

Heard (may overlap, may last half a minute, may end in mid-sentence)
  ─► arrange: in order, words inside, cut at sentence ends and pauses     (hallucinations are detected in these pieces)
  ─► sentences: pieces of one sentence joined again, very short ones with their neighbours ─► Segment
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from core.domain.transcripts.transcript import Word, is_cjk
from core.speech.audio.spans import longest_word

SENTENCE_ENDS = ".!?。！？…"
CLAUSE_ENDS = ",;:，；：、"
CLOSERS = "\"'”’）)」』】"
LONG_SECONDS = 30.0
# Widths in letters; a character of a script without spaces counts as CJK_WIDTH of them.
LONG_WIDTH = 240.0
CJK_WIDTH = 2.5
# Within one sentence, a silence as long as this separates two thoughts (or two speakers).
LONG_PAUSE = 2.5
# A silence of this length may contain another piece.
INNER_GAP = 0.6
# A segment has at least this many words, unless a pause stands on both sides.
FEW_WORDS = 3
PAUSE_AROUND = 0.5
# Languages that capitalise the first word of a sentence, and few others.
WITH_CAPITALS = frozenset({"en", "es", "fr", "it", "nl", "pt"})
BEGINNING = re.compile(r"\s*(?!I\b)[^\W\d_a-z]")
ABBREVIATION = re.compile(r"([^\W\d_]\.)+|(Mr|Mrs|Ms|Dr|Prof|St|vs|etc)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """One piece of decoded text, with times in seconds of the whole file. `words` keep the spaces around them.

    `weak` marks text that the model itself doubted: see `core.speech.text.hallucinations`; `again` marks text of a second
    decoding.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    weak: bool = False
    again: bool = False
    language: str | None = None


# --- in order ---------------------------------------------------------------------------------------


def arrange(heard: Iterable[HeardPiece], begin: float, end: float) -> list[HeardPiece]:
    """Return pieces in order, without overlap, within [begin, end], cut at sentence ends and pauses; none is empty.

    A piece heard in a gap of another one is placed in that gap.
    """
    runs = [(run.start, run.end, source, run) for source, h in enumerate(heard) for run in _runs(h)]
    arranged: list[HeardPiece] = []
    for _, group in groupby(sorted(runs, key=lambda r: r[:3]), key=lambda r: r[2]):
        for piece in _cut(_joined([run for *_, run in group])):
            if piece.text.strip():
                arranged.append(_within(piece, begin, end))
                begin = arranged[-1].end
    return arranged


def arrange_whole(spoken: Iterable[HeardPiece], begin: float, end: float) -> list[HeardPiece]:
    """Return sentences of several channels in the order of their beginnings, without overlap; none is cut."""
    arranged: list[HeardPiece] = []
    for sentence in sorted(spoken, key=lambda h: (h.start, h.end)):
        arranged.append(_within(sentence, begin, end))
        begin = arranged[-1].end
    return arranged


def _runs(heard: HeardPiece) -> Iterator[HeardPiece]:
    """Cut where another piece may have been heard between two words, or within a word that is longer than possible."""
    first = 0
    for i, (one, following) in enumerate(pairwise(heard.words), 1):
        if following.start - one.end >= INNER_GAP or one.end - one.start > longest_word(one.text):
            yield _part(heard, heard.words[first:i])
            first = i
    yield _part(heard, heard.words[first:]) if first else heard


def _within(heard: HeardPiece, begin: float, end: float) -> HeardPiece:
    """Clamp the times so that they rise: words stay inside their segment and follow one another."""
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


# --- cutting ----------------------------------------------------------------------------------------


def _cut(heard: HeardPiece) -> Iterator[HeardPiece]:
    groups = [group for run in _split_at_pauses(heard.words) for group in _split_at_ends(run)]
    if len(groups) <= 1:
        yield heard
        return
    for group in groups:
        yield _part(heard, group)


def _part(heard: HeardPiece, words: Sequence[Word]) -> HeardPiece:
    return replace(heard, start=words[0].start, end=words[-1].end, text="".join(w.text for w in words), words=tuple(words))


def _split_at_pauses(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    begin = 0
    for i in range(1, len(words)):
        if words[i].start - words[i - 1].end >= LONG_PAUSE:
            yield words[begin:i]
            begin = i
    if words:
        yield words[begin:]


def _split_at_ends(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield one group a sentence; a sentence that is too long is cut where it can be."""
    begin = 0
    for i in range(len(words)):
        if ends(words[i].text, SENTENCE_ENDS) or i == len(words) - 1:
            yield from _split_endless(words[begin : i + 1])
            begin = i + 1


def _split_endless(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Halve a run without sentence ends at the clause end or else the pause nearest its middle until it is short."""
    if not words:
        return
    if len(words) < 4 or (words[-1].end - words[0].start <= LONG_SECONDS and _width(w.text for w in words) <= LONG_WIDTH):
        yield words
        return
    middle = len(words) / 2
    inner = range(len(words) // 4, max(len(words) * 3 // 4, len(words) // 4 + 1))
    clauses = [i for i in inner if ends(words[i].text, CLAUSE_ENDS)]
    if clauses:
        at = min(clauses, key=lambda i: abs(i - middle))
    else:
        at = max(inner, key=lambda i: (round(words[i + 1].start - words[i].end, 2), -abs(i - middle)))
    yield from _split_endless(words[: at + 1])
    yield from _split_endless(words[at + 1 :])


def _width(texts: Iterable[str]) -> float:
    return sum(CJK_WIDTH if is_cjk(c) else 1.0 for text in texts for c in text)


def ends(text: str, marks: str = SENTENCE_ENDS) -> bool:
    """Return whether text closes a sentence, or a clause by its marks; the full stop of an abbreviation (J. or U.S.) does not."""
    last = text.strip().rstrip(CLOSERS).rsplit(" ", 1)[-1]
    return bool(last) and last[-1] in marks and not ABBREVIATION.fullmatch(last)


# --- joining ----------------------------------------------------------------------------------------


def sentences(pieces: Sequence[HeardPiece]) -> list[HeardPiece]:
    """Join pieces that are in order into whole sentences, as far as pauses and the longest segment allow."""
    whole: list[HeardPiece] = []
    for piece in (part for p in _full_stops(pieces) for part in _cut(p)):
        if whole and _goes_on(whole[-1], piece):
            whole[-1] = _joined([whole[-1], piece])
        else:
            whole.append(piece)
    return _with_neighbours(whole)


def _full_stops(pieces: Sequence[HeardPiece]) -> Iterator[HeardPiece]:
    """Insert a full stop where the model wrote none, but paused and began the next piece with a capital."""
    for piece, following in pairwise([*pieces, None]):
        assert piece
        bare = piece.language in WITH_CAPITALS and piece.text.strip()[-1:].isalnum()
        ends = bare and (following is None or (following.start - piece.end >= PAUSE_AROUND and BEGINNING.match(following.text)))
        yield _closed(piece) if ends else piece


def _closed(piece: HeardPiece) -> HeardPiece:
    words = piece.words and (*piece.words[:-1], replace(piece.words[-1], text=piece.words[-1].text.rstrip() + "."))
    return replace(piece, text=piece.text.rstrip() + ".", words=words)


def _goes_on(one: HeardPiece, other: HeardPiece) -> bool:
    return not ends(one.text, SENTENCE_ENDS) and other.start - one.end < LONG_PAUSE and _fits(one, other)


def _fits(one: HeardPiece, other: HeardPiece) -> bool:
    """Return whether the two may be one segment: in one language, and not too long."""
    if one.language != other.language or bool(one.words) != bool(other.words):
        return False
    return other.end - one.start <= LONG_SECONDS and _width([one.text, other.text]) <= LONG_WIDTH


def _with_neighbours(whole: Sequence[HeardPiece]) -> list[HeardPiece]:
    """Join very short ones with the neighbour that is nearer, unless pauses stand on both sides."""
    kept = list(whole)
    i = 0
    while i < len(kept):
        gaps = {
            j: max(kept[max(i, j)].start - kept[min(i, j)].end, 0.0)
            for j in (i - 1, i + 1)
            if 0 <= j < len(kept) and _fits(kept[min(i, j)], kept[max(i, j)])
        }
        nearest = min(gaps, key=lambda j: (gaps[j], j < i), default=None)
        if _few(kept[i].text) and nearest is not None and gaps[nearest] < PAUSE_AROUND:
            first = min(i, nearest)
            kept[first : first + 2] = [_joined(kept[first : first + 2])]
            i = first
        else:
            i += 1
    return kept


def _few(text: str) -> bool:
    """Return whether the text is under three words; two characters of a script without spaces count as a word."""
    wide = sum(is_cjk(c) and c.isalnum() for c in text)
    latin = len([w for w in re.split(r"[\s\u2e80-\u9fff\uff00-\uffef]+", text) if any(c.isalnum() for c in w)])
    return latin + wide / 2 < FEW_WORDS


def _joined(pieces: Sequence[HeardPiece]) -> HeardPiece:
    """Join the pieces into one; `weak` if all are, `again` if all are."""
    if len(pieces) == 1:
        return pieces[0]
    text = pieces[0].text
    words = list(pieces[0].words)
    for piece in pieces[1:]:
        apart = text[-1:].isspace() or piece.text[:1].isspace() or is_cjk(text[-1:] or " ") or is_cjk(piece.text[:1] or " ")
        following = list(piece.words)
        if not apart and following:
            following[0] = replace(following[0], text=" " + following[0].text)
        text += piece.text if apart else " " + piece.text
        words += following
    return HeardPiece(
        pieces[0].start,
        max(p.end for p in pieces),
        text,
        tuple(words),
        weak=all(p.weak for p in pieces),
        again=all(p.again for p in pieces),
        language=pieces[0].language,
    )

"""What a reader writes onto a transcript, and how it follows when the text changes.

    edit       new text ─▶ retime: unchanged words keep their times, the others share what lies between
    highlight  span ─▶ excerpt (quote, start, end)      text edited ─▶ moved      transcript replaced ─▶ find_quote, or unanchored
    replaced   an edited sentence that the new transcript has too, where it was ─▶ edited again (carried)

All of it is pure. An offset counts the characters of a segment's text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from core.domain.transcript import Segment, Word, join_text

# A new transcript puts a sentence at most this far from where the old one had it (seconds).
SAME_PLACE = 15.0
# A Latin word with what clings to it, or one character of a script without spaces, with the marks that follow it.
_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_ATOM = re.compile(rf"\s*(?:[{_WIDE}]|[^\s{_WIDE}]+)")


class Colour(StrEnum):
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PINK = "pink"


class EditKind(StrEnum):
    TEXT = "text"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Span:
    """From a character of one segment up to, not including, a character of the same or a later one."""

    start_segment: int
    start_offset: int
    end_segment: int
    end_offset: int


@dataclass(frozen=True, slots=True)
class Highlight:
    """A marked span with its colour and remark. `quote` is the text at the time, `start` and `end` its seconds.

    `anchored` is False when the transcript was replaced and holds the quote no longer: the span means nothing then.
    `version` rises with every change. Times of day are Unix seconds.
    """

    id: int
    episode_id: int
    span: Span
    start: float
    end: float
    quote: str
    colour: Colour
    remark: str
    anchored: bool
    version: int
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Edit:
    """One change by the reader. Before and after are `{text, words}` for a text, `{speakers: {name: [segment ids]}}` for a name.

    `undone`: it can be done again. `outdated`: the transcript that it was made in has been replaced; it is kept to look up.
    """

    id: int
    episode_id: int
    kind: EditKind
    segment_id: int | None
    start: float | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    made_at: float
    undone: bool
    outdated: bool


# --- words under an edited text -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Atom:
    text: str
    start: float = 0.0
    end: float = 0.0
    word: int = -1


def retime(words: Sequence[Word], text: str, start: float, end: float) -> tuple[Word, ...]:
    """Words for an edited segment [start, end): those that stand unchanged keep their times and probability, new ones share
    what lies between their neighbours by length, with probability 1, for a person wrote them. () when there were no times.
    """
    if not words:
        return ()
    old = [atom for number, word in enumerate(words) for atom in _atoms_of(word, number)]
    new = [_Atom(m[0]) for m in _ATOM.finditer(text.strip())]
    matched = _match(old, new)
    timed: list[Word] = []
    position = 0
    while position < len(new):
        source = matched.get(position)
        if source is None:
            stop = next((i for i in range(position, len(new)) if i in matched), len(new))
            since = timed[-1].end if timed else start
            until = old[matched[stop]].start if stop in matched else end
            timed += _share(new[position:stop], since, max(until, since))
            position = stop
            continue
        length = _whole_word(old, matched, position)
        if length:
            word = words[old[source].word]
            timed.append(Word(word.start, word.end, "".join(a.text for a in new[position : position + length]), word.probability))
            position += length
        else:
            timed.append(Word(old[source].start, old[source].end, new[position].text))
            position += 1
    return tuple(timed)


def _atoms_of(word: Word, number: int) -> list[_Atom]:
    pieces = [m[0] for m in _ATOM.finditer(word.text)]
    total = sum(len(p.strip()) for p in pieces) or 1
    atoms, at = [], word.start
    for piece in pieces:
        until = at + (word.end - word.start) * len(piece.strip()) / total
        atoms.append(_Atom(piece, round(at, 3), round(until, 3), number))
        at = until
    return atoms


def _match(old: Sequence[_Atom], new: Sequence[_Atom]) -> dict[int, int]:
    """Index of a new atom → index of the old one that it is."""
    matcher = SequenceMatcher(None, [a.text.strip() for a in old], [a.text.strip() for a in new], autojunk=False)
    return {b + i: a + i for a, b, size in matcher.get_matching_blocks() for i in range(size)}


def _whole_word(old: Sequence[_Atom], matched: Mapping[int, int], position: int) -> int:
    """How many new atoms from `position` are exactly one old word; 0 when it is not there as a whole."""
    first = matched[position]
    word = old[first].word
    if first > 0 and old[first - 1].word == word:
        return 0
    length = next((i for i, atom in enumerate(old[first:]) if atom.word != word), len(old) - first)
    return length if all(matched.get(position + i) == first + i for i in range(length)) else 0


def _share(atoms: Sequence[_Atom], since: float, until: float) -> list[Word]:
    total = sum(len(a.text.strip()) for a in atoms) or 1
    words, at = [], since
    for atom in atoms:
        stop = at + (until - since) * len(atom.text.strip()) / total
        words.append(Word(round(at, 3), round(stop, 3), atom.text))
        at = stop
    return words


# --- highlights -----------------------------------------------------------------------------------


def excerpt(segments: Sequence[Segment], span: Span) -> tuple[str, float, float]:
    """(quote, start, end) of a span over `segments`, which holds all of the span's in order. Raises ValueError for a span that
    is empty or reaches beyond the text."""
    inside = [s for s in segments if span.start_segment <= s.id <= span.end_segment]
    if not inside or inside[0].id != span.start_segment or inside[-1].id != span.end_segment:
        raise ValueError("the span names a segment that is not there")
    first, last = inside[0], inside[-1]
    if not 0 <= span.start_offset < len(first.text) or not 0 < span.end_offset <= len(last.text):
        raise ValueError("the span reaches beyond the text of its segments")
    if first is last and span.start_offset >= span.end_offset:
        raise ValueError("the span is empty")
    pieces = [_piece(s, span) for s in inside]
    quote = join_text(pieces)
    if not quote:
        raise ValueError("the span holds no text")
    return quote, _time_at(first, span.start_offset, ends=False), _time_at(last, span.end_offset, ends=True)


def _piece(segment: Segment, span: Span) -> str:
    begin = span.start_offset if segment.id == span.start_segment else 0
    stop = span.end_offset if segment.id == span.end_segment else len(segment.text)
    return segment.text[begin:stop]


def _time_at(segment: Segment, offset: int, *, ends: bool) -> float:
    """The seconds at which the character at `offset` begins, or, `ends`, the one before it ends."""
    at = 0
    for word in segment.words:
        text = word.text if at else word.text.lstrip()
        if (offset <= at + len(text)) if ends else (offset < at + len(text)):
            return word.end if ends else word.start
        at += len(text)
    share = offset / len(segment.text) if segment.text else 0.0
    return round(segment.start + (segment.end - segment.start) * share, 3)


def moved(old: str, new: str, offset: int, *, ends: bool) -> int:
    """Where `offset` in `old` is in `new`, its edited wording. An end that stood inside changed text goes to that text's end."""
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a <= offset < b or (ends and a < offset <= b):
            if tag == "equal":
                return c + offset - a
            return d if ends else c
    return len(new)


def find_quote(segments: Sequence[Segment], quote: str, near: float) -> Span | None:
    """Where the quote is said, without regard to case, spaces and punctuation; of several places the one closest to `near`
    seconds. None when it is not there."""
    wanted = "".join(_folded(c) for c in quote)
    if not wanted:
        return None
    text, places = _searchable(segments)
    best: tuple[float, Span] | None = None
    at = text.find(wanted)
    while at >= 0:
        (first, begin), (last, stop) = places[at], places[at + len(wanted) - 1]
        away = abs(segments[first].start - near)
        if best is None or away < best[0]:
            best = (away, Span(segments[first].id, begin, segments[last].id, stop + 1))
        at = text.find(wanted, at + 1)
    return best[1] if best else None


def _searchable(segments: Sequence[Segment]) -> tuple[str, list[tuple[int, int]]]:
    """All text folded, and for each of its characters (index of the segment, offset)."""
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for number, segment in enumerate(segments):
        for offset, char in enumerate(segment.text):
            plain = _folded(char)
            folded.append(plain)
            places += [(number, offset)] * len(plain)
    return "".join(folded), places


def _folded(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", char).casefold() if c.isalnum())


# --- a replaced transcript ------------------------------------------------------------------------


def carried(edited: Iterable[Segment], segments: Sequence[Segment]) -> dict[int, str]:
    """New segment id → the reader's text, for each edited segment (with its `original`) whose first wording the new
    transcript has too, at about the same time."""
    by_text: dict[str, list[Segment]] = {}
    for segment in segments:
        by_text.setdefault(_fold_text(segment.text), []).append(segment)
    found: dict[int, str] = {}
    for old in edited:
        candidates = [s for s in by_text.get(_fold_text(old.original or ""), ()) if abs(s.start - old.start) <= SAME_PLACE]
        free = [s for s in candidates if s.id not in found]
        if free and old.original is not None:
            found[min(free, key=lambda s: abs(s.start - old.start)).id] = old.text
    return found


def _fold_text(text: str) -> str:
    return "".join(_folded(c) for c in text)


def matching_speakers(segments: Sequence[Segment], others: Sequence[Segment], *, share: float = 0.5) -> dict[int, str]:
    """Segment id → speaker, from another transcript of the same audio that names speakers (a publisher's).

    A name is taken from whoever speaks most of the segment's time, and only if at least `share` of the segment's words are
    said there: publishers' times are those of the audio without today's advertisements.
    """
    named = [o for o in others if o.speaker]
    found: dict[int, str] = {}
    begin = 0
    for segment in segments:
        while begin < len(named) and named[begin].end <= segment.start:
            begin += 1
        overlapping = []
        for other in named[begin:]:
            if other.start >= segment.end:
                break
            overlapping.append(other)
        mine = _tokens(segment.text)
        said = {token for other in overlapping for token in _tokens(other.text)}
        if not mine or sum(token in said for token in mine) < share * len(mine):
            continue
        seconds: dict[str, float] = {}
        for other in overlapping:
            overlap = min(other.end, segment.end) - max(other.start, segment.start)
            seconds[other.speaker or ""] = seconds.get(other.speaker or "", 0.0) + overlap
        found[segment.id] = max(seconds, key=lambda name: seconds[name])
    return found


def _tokens(text: str) -> list[str]:
    tokens = (_fold_text(m[0]) for m in _ATOM.finditer(text))
    return [t for t in tokens if t]

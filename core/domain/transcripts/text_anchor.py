"""Anchor a marked passage, and move it when the text under it changes.

    span ─▶ excerpt (quote, start, end)      text edited ─▶ moved      transcript replaced ─▶ find_quote, or unanchored

All of it is pure. An offset counts the characters of a segment's text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from core.domain.transcripts.annotation import Span
from core.domain.transcripts.transcript import Segment, join_text


def excerpt(segments: Sequence[Segment], span: Span) -> tuple[str, float, float]:
    """Return (quote, start, end) of a span over `segments`, which holds all of the span's in order. Raises ValueError for a
    span that is empty or reaches beyond the text."""
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
    """Return the seconds at which the character at `offset` begins, or, `ends`, the one before it ends."""
    at = 0
    for word in segment.words:
        text = word.text if at else word.text.lstrip()
        if (offset <= at + len(text)) if ends else (offset < at + len(text)):
            return word.end if ends else word.start
        at += len(text)
    share = offset / len(segment.text)
    return round(segment.start + (segment.end - segment.start) * share, 3)


def moved(old: str, new: str, offset: int, *, ends: bool) -> int:
    """Return where `offset` in `old` is in `new`, its edited wording. An end inside changed text moves to that text's end."""
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a <= offset < b or (ends and a < offset <= b):
            if tag == "equal":
                return c + offset - a
            return d if ends else c
    return len(new)


def find_quote(segments: Sequence[Segment], quote: str, near: float) -> Span | None:
    """Find where the quote is said, without regard to case, spaces and punctuation; of several places the one closest to
    `near` seconds. None when it is not there."""
    wanted = letters(quote)
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
    """Return all text folded, and for each of its characters (index of the segment, offset)."""
    found: list[str] = []
    places: list[tuple[int, int]] = []
    for number, segment in enumerate(segments):
        for offset, char in enumerate(segment.text):
            plain = _folded(char)
            found.append(plain)
            places += [(number, offset)] * len(plain)
    return "".join(found), places


def letters(text: str) -> str:
    """Return a text's letters and digits alone, without regard to case and width."""
    return "".join(_folded(char) for char in text)


def _folded(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", char).casefold() if c.isalnum())

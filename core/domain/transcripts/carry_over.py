"""Carry the reader's edits and the speakers over to a transcript that replaces another.

    an edited sentence that the new transcript has too, where it was ─▶ edited again (carried)
    another transcript of the same audio that names speakers ─▶ theirs, where the words agree (matching_speakers)

All of it is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from core.domain.transcripts.text_anchor import letters
from core.domain.transcripts.transcript import Segment
from core.domain.transcripts.word_timing import ATOM

# A new transcript puts a sentence at most this far from where the old one had it (seconds).
SAME_PLACE = 15.0


def carried(edited: Iterable[Segment], segments: Sequence[Segment]) -> dict[int, str]:
    """Map a new segment's id → the reader's text, for each edited segment (with its `original`) whose first wording the new
    transcript has too, at about the same time."""
    by_text: dict[str, list[Segment]] = {}
    for segment in segments:
        by_text.setdefault(letters(segment.text), []).append(segment)
    found: dict[int, str] = {}
    for old in edited:
        candidates = [s for s in by_text.get(letters(old.original or ""), ()) if abs(s.start - old.start) <= SAME_PLACE]
        free = [s for s in candidates if s.id not in found]
        if free and old.original is not None:
            found[min(free, key=lambda s: abs(s.start - old.start)).id] = old.text
    return found


def matching_speakers(segments: Sequence[Segment], others: Sequence[Segment], *, share: float = 0.5) -> dict[int, str]:
    """Map a segment's id → speaker, from another transcript of the same audio that names speakers (a publisher's).

    The speaker of most of the segment's time is taken, and only if at least `share` of the segment's words are said there:
    publishers' times are those of the audio without today's advertisements.
    """
    named = [o for o in others if o.speaker]
    found: dict[int, str] = {}
    begin = 0
    for segment in segments:
        while begin < len(named) and named[begin].end <= segment.start:
            begin += 1
        meanwhile = list(_before(segment.end, named[begin:]))
        if _in_common(segment, meanwhile) >= share:
            found[segment.id] = _longest(segment, meanwhile)
    return found


def _before(moment: float, others: Iterable[Segment]) -> Iterator[Segment]:
    return takewhile(lambda other: other.start < moment, others)


def _in_common(segment: Segment, others: Iterable[Segment]) -> float:
    """Return the share of the segment's words that the others say too; -1 when it has none."""
    mine = _tokens(segment.text)
    theirs = {token for other in others for token in _tokens(other.text)}
    return sum(token in theirs for token in mine) / len(mine) if mine else -1.0


def _longest(segment: Segment, others: Iterable[Segment]) -> str:
    seconds: dict[str, float] = defaultdict(float)
    for other in others:
        seconds[other.speaker or ""] += min(other.end, segment.end) - max(other.start, segment.start)
    return max(seconds, key=lambda name: seconds[name])


def _tokens(text: str) -> list[str]:
    tokens = (letters(m[0]) for m in ATOM.finditer(text))
    return [t for t in tokens if t]

"""Find a quote in the transcript, and its time. Pure, deterministic, and strict on purpose.

    quote → tokens → 1. exact: the same tokens in a row, across segment borders      score 1.0
                     2. fuzzy: the same in reduced form, and at least FUZZY_THRESHOLD of all tokens literally the same

Exact ignores case, width, punctuation and spacing. Reduced form (tokens.reduced) forgives the changes of a careful person who
quotes speech: "um", articles and stutters left out, "do not" for "don't", British or American spelling. It forgives no changed,
added or missing number, negation or word of meaning. An edit distance would: "it went up five percent" and "it went up nine
percent" are 80 % alike, "prevent" and "present" 86 %. So there is none here, and a quote that a model re-worded stays unverified.

Against a quote cut so that it says something else: unless it is at a sentence's border, a match may not begin right after a
negation or end right before one, nor begin or end inside a number ("hundred people" in "five hundred people").
Too short a quote proves nothing: below MIN_WEIGHT (3 words, 4 CJK characters) it must be a whole sentence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.domain.transcripts.transcript import Segment, join_text
from core.notes.text import tokens as tk

FUZZY_THRESHOLD = 0.8
MIN_WEIGHT = 12
MIN_WEIGHT_FUZZY = 20
_GAP = "\x1f"
_JOINERS = frozenset(("and", "point", "点", "點", "又"))
_SIGNS = frozenset(("minus", "negative", "负", "負", "-"))


@dataclass(frozen=True, slots=True)
class Match:
    """The place of a quote: times in seconds; `quote` is the transcript's own wording; `score` 0 to 1 (1 is exact)."""

    segment_id: int
    start: float
    end: float
    score: float
    quote: str


@dataclass(slots=True)
class _TokenLine:
    """Tokens as one searchable string, with the character at which each token begins."""

    tokens: list[str]
    text: str = ""
    offsets: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        position = 0
        for token in self.tokens:
            self.offsets.append(position)
            position += len(token) + 1
        self.text = _GAP + _GAP.join(self.tokens) + _GAP

    def occurrences(self, run: Sequence[str]) -> Iterator[int]:
        """Yield the indexes of the tokens at which `run` begins."""
        needle = _GAP + _GAP.join(run) + _GAP
        at = self.text.find(needle)
        while at >= 0:
            yield bisect_right(self.offsets, at) - 1
            at = self.text.find(needle, at + 1)


class Finder:
    """Looks for quotes in some segments. Build it once, ask it often: building takes most of the time."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._owner: list[int] = []
        self._first: list[int] = []
        self._borders: set[int] = {0}
        run: list[str] = []
        for index, segment in enumerate(segments):
            self._first.append(len(run))
            for token, ends in tk.tokens_and_ends(segment.text):
                run.append(token)
                self._owner.append(index)
                if ends:
                    self._borders.add(len(run))
        self._line = _TokenLine(run)

    @cached_property
    def _reduced(self) -> tuple[_TokenLine, list[int]]:
        kept, origin = tk.reduced(self._line.tokens)
        return _TokenLine(kept), origin

    def find(self, quote: str) -> Match | None:
        """Return the first place that says `quote`, or None."""
        run = tk.tokens(quote)
        return (self._exact(run) or self._fuzzy(run)) if run else None

    def find_term(self, term: str) -> Match | None:
        """Return the first place that names `term`, however short it is; `quote` is the whole segment."""
        run = tk.tokens(term)
        start = next(self._line.occurrences(run), None) if run else None
        if start is None:
            return None
        segment = self._segments[self._owner[start]]
        begins, ends = _times(segment, start - self._first[self._owner[start]])
        return Match(segment.id, begins, ends, 1.0, segment.text.strip())

    def _exact(self, run: list[str]) -> Match | None:
        enough = tk.weight(run) >= MIN_WEIGHT
        for start in self._line.occurrences(run):
            stop = start + len(run)
            whole = start in self._borders and stop in self._borders
            if whole or (enough and self._keeps_meaning(start, stop)):
                return self._match(start, stop, 1.0)
        return None

    def _fuzzy(self, run: list[str]) -> Match | None:
        short, _ = tk.reduced(run)
        if tk.weight(short) < MIN_WEIGHT_FUZZY:
            return None
        line, origin = self._reduced
        for at in line.occurrences(short):
            start, stop = origin[at], origin[at + len(short) - 1] + 1
            score = self._likeness(run, start, stop)
            if score >= FUZZY_THRESHOLD and self._keeps_meaning(start, stop) and self._whole_tokens(origin, at, len(short)):
                return self._match(start, stop, score)
        return None

    def _whole_tokens(self, origin: list[int], at: int, length: int) -> bool:
        """Return whether the reduced match does not begin or end inside a written-out contraction ("do | not")."""
        before_ok = at == 0 or origin[at - 1] != origin[at]
        after = at + length
        return before_ok and (after == len(origin) or origin[after] != origin[after - 1])

    def _likeness(self, run: list[str], start: int, stop: int) -> float:
        """Return the share of tokens that are literally the same; their order is known to agree."""
        same = sum((Counter(run) & Counter(self._line.tokens[start:stop])).values())
        return 2 * same / (len(run) + stop - start)

    def _keeps_meaning(self, start: int, stop: int) -> bool:
        """Return whether the tokens right before and after do not turn the meaning of the words from `start` to `stop`."""
        starts_well = start in self._borders or not _turned_by_start(
            self._said(start - 2), self._said(start - 1), self._said(start)
        )
        return starts_well and (
            stop in self._borders or not _turned_by_end(self._said(stop - 1), self._said(stop), self._said(stop + 1))
        )

    def _said(self, index: int) -> str:
        """Return the token at `index`, or a gap, which is no word, beyond the ends."""
        return self._line.tokens[index] if 0 <= index < len(self._line.tokens) else _GAP

    # --- from tokens back to the audio ------------------------------------------------------------------

    def _match(self, start: int, stop: int, score: float) -> Match:
        first, last = self._owner[start], self._owner[stop - 1]
        begins = _times(self._segments[first], start - self._first[first])[0]
        ends = _times(self._segments[last], stop - 1 - self._first[last])[1]
        return Match(self._segments[first].id, begins, max(begins, ends), round(score, 3), self._wording(start, stop))

    def _wording(self, start: int, stop: int) -> str:
        """Return the transcript's own words from token `start` to `stop`; segments between the first and the last are whole."""
        first, last = self._owner[start], self._owner[stop - 1]
        texts = [s.text for s in self._segments[first : last + 1]]
        places = tk.spans(texts[-1])
        texts[-1] = texts[-1][: places[min(stop - self._first[last], len(places)) - 1][1]]
        places = tk.spans(texts[0])
        texts[0] = texts[0][places[min(start - self._first[first], len(places) - 1)][0] :]
        return join_text(texts)


def _turned_by_start(earlier: str, before: str, first: str) -> bool:
    """Return whether a quote that begins with `first` leaves out a negation, or the front of a number."""
    if tk.is_negation(before) or (before == "有" and tk.is_negation(earlier)):
        return True
    return _of_one_number(first, before, earlier)


def _turned_by_end(last: str, after: str, later: str) -> bool:
    """Return whether a quote that ends with `last` drops a negation, the end of a number, or a question's mark (好不好)."""
    if tk.is_negation(after) and (not tk.is_unspaced(after) or later == last):
        return True
    return _of_one_number(last, after, later)


def _of_one_number(edge: str, near: str, far: str) -> bool:
    """Return whether the token at the edge of a quote and its neighbours outside are parts of one number."""
    if edge in _JOINERS:
        return edge != "and" and tk.is_number(near)
    return tk.is_number(edge) and (tk.is_number(near) or near in _SIGNS or (near in _JOINERS and tk.is_number(far)))


def _times(segment: Segment, index: int) -> tuple[float, float]:
    """Return the start and end of a segment's token: of the word that it is in where there are words, else of the segment."""
    position = 0
    for word in segment.words:
        position += len(tk.tokens(word.text))
        if index < position:
            return word.start, word.end
    return segment.start, segment.end

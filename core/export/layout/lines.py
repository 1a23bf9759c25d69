"""Break the lines of a subtitle: where text may be broken, and how wide it is.

text ─► pieces (a word, or one CJK character, each with the marks that cling to it) ─► Measure: fits two lines? ─► the best break

A line holds 42 columns, or 16 full-width characters when there is one among them; a half-width character counts half there. A
word that is longer than a line is not broken: it stands on a line of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from core.domain.transcripts.transcript import is_cjk

COLUMNS = 42
WIDE_COLUMNS = 32  # 16 characters, two columns each
# No line begins with the first, and none ends with the second.
CLOSING = "，。！？；：、）】》」』”’…·～〉〕％%,.!?;:)]}»"
OPENING = "（【《「『“‘〈〔([{«"
SENTENCE_ENDS = "。！？!?…."
PAUSES = "，；：、,;:"
_QUOTES = "\"'”’）)」』】》]"
_CHUNK = re.compile(r"\s+|\S")
# A phrase may begin with these, so that a break before them reads well.
_BEFORE = frozenset(
    {
        "and",
        "but",
        "or",
        "nor",
        "so",
        "because",
        "since",
        "although",
        "though",
        "while",
        "when",
        "where",
        "which",
        "who",
        "that",
        "if",
        "unless",
        "until",
        "before",
        "after",
        "as",
        "than",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "with",
        "without",
        "by",
        "about",
        "into",
        "over",
    }
)


@dataclass(frozen=True, slots=True)
class LinePiece:
    """An unbreakable piece. `text` ends with the spaces that follow it; `begin` and `stop` are its place in the whole text."""

    text: str
    begin: int
    stop: int


def pieces(text: str) -> list[LinePiece]:
    """Take the text apart; joined again it is the same."""
    found: list[str] = []
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        if found and (chunk.isspace() or _joined(found[-1], chunk)):
            found[-1] += chunk
        else:
            found.append(chunk)
    places: list[LinePiece] = []
    at = 0
    for piece in found:
        places.append(LinePiece(piece, at, at + len(piece)))
        at += len(piece)
    return places


def _joined(before: str, char: str) -> bool:
    last = before[-1]
    if last.isspace():
        return False
    if last in OPENING and not before.strip(OPENING):
        return True
    if char in CLOSING and (is_cjk(char) or not is_cjk(last)):
        return True
    if char.isascii() and last.isascii():
        return True
    # Combining marks and the joiner of emoji belong to the character before them.
    if unicodedata.category(char)[0] == "M" or char == "\u200d" or last == "\u200d":
        return True
    return not (_breaks(char) or _breaks(last)) or (char in "”’…" or last in "“‘")


def _breaks(char: str) -> bool:
    """Return whether lines may be broken beside the character even without a space."""
    return is_cjk(char)


def width(text: str) -> int:
    """Return columns: a full-width character takes two, a mark over another none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@cache
def _columns(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


class Measure:
    """Pieces in a row, measured once, so that each query about a run of them takes constant time."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._bare = [width(p.rstrip()) for p in parts]
        self._sums = [0, *accumulate(width(p) for p in parts)]
        self._wide = [0, *accumulate(_has_wide(p) for p in parts)]

    def columns(self, begin: int, stop: int) -> int:
        """Return the columns of the pieces from `begin` up to `stop`, without the spaces at their end."""
        return self._sums[stop - 1] - self._sums[begin] + self._bare[stop - 1]

    def fits(self, begin: int, stop: int) -> bool:
        """Return whether they fit a line, or are a single one, which cannot be broken."""
        wide = self._wide[stop] > self._wide[begin]
        return stop - begin <= 1 or self.columns(begin, stop) <= (WIDE_COLUMNS if wide else COLUMNS)

    def full(self, begin: int) -> int:
        """Return up to where pieces from `begin` on fit a line."""
        stop = begin + 1
        while stop < len(self._parts) and self.fits(begin, stop + 1):
            stop += 1
        return stop

    def best_break(self, begin: int, stop: int) -> int | None:
        """Return where to break a run that fits two lines but not one: at punctuation rather than within a phrase, and evenly."""
        breaks = (at for at in range(begin + 1, stop) if self.fits(begin, at) and self.fits(at, stop))
        return min(breaks, key=lambda at: self._ugliness(begin, at, stop), default=None)

    def inner_cost(self, begin: int, stop: int) -> float:
        """Return the `break_cost` within a cue of wide characters; 0 when it stands on one line."""
        if self._wide[stop] == self._wide[begin] or self.fits(begin, stop):
            return 0.0
        at = self.best_break(begin, stop)
        return break_cost(self._parts[at - 1], self._parts[at]) if at is not None else 0.0

    def _ugliness(self, begin: int, at: int, stop: int) -> float:
        first, second = self.columns(begin, at), self.columns(at, stop)
        # Readers like the longer line below.
        return break_cost(self._parts[at - 1], self._parts[at]) * 18 + abs(first - second) + (3 if first > second else 0)


def _has_wide(text: str) -> bool:
    return not text.isascii() and any(is_cjk(c) or _columns(c) == 2 for c in text)


def fits_one(parts: Sequence[str]) -> bool:
    return Measure(parts).fits(0, len(parts))


def fits_two(parts: Sequence[str]) -> bool:
    measure = Measure(parts)
    first = measure.full(0)
    # A longer first line never fits better, so the fullest one decides.
    return first == len(parts) or measure.fits(first, len(parts))


def best_lines(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts, which fit two lines, on one line or two."""
    measure = Measure(parts)
    at = None if measure.fits(0, len(parts)) else measure.best_break(0, len(parts))
    if at is None:
        return ("".join(parts).strip(),)
    return "".join(parts[:at]).strip(), "".join(parts[at:]).strip()


@lru_cache(maxsize=65536)
def break_cost(before: str, after: str) -> float:
    """Return how badly a break between two pieces reads: 0 after a sentence, 0.6 after a clause, to 3 within a word."""
    end = before.rstrip().rstrip(_QUOTES)[-1:]
    if end and end in SENTENCE_ENDS:
        return 0.0
    if end and end in PAUSES:
        return 0.6
    if after.strip().lower() in _BEFORE and before.strip().lower() not in _BEFORE:
        return 1.6
    if not before[-1].isspace() and is_cjk(before[-1]) and is_cjk(after[0]):
        return 3.0  # perhaps within a word: scripts without spaces do not show where words end
    # After a word that leads on, such as `of`, a break reads worst.
    return 2.6 if before.strip().lower() in _BEFORE | {"the", "a", "an"} else 2.0

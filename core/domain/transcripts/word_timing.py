"""Compute word times under an edited sentence.

    words, new text ─▶ atoms ─▶ unchanged ones keep their times ─▶ new ones share the time between them

All of it is pure; times are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.domain.transcripts.transcript import Word

# A Latin word with the punctuation attached to it, or one character of a script without spaces, with the marks that follow it.
_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
ATOM = re.compile(rf"\s*(?:[{_WIDE}]|[^\s{_WIDE}]+)")


@dataclass(frozen=True, slots=True)
class _Atom:
    """A piece of the old words; `word` is the number of the word that it belongs to."""

    text: str
    start: float
    end: float
    word: int


def retime(words: Sequence[Word], text: str, start: float, end: float) -> tuple[Word, ...]:
    """Return words for an edited segment [start, end): unchanged ones keep their times and probability, new ones share the
    time between their neighbours by length, with probability 1, for a person wrote them. () when there were no times.
    """
    if not words:
        return ()
    old = [atom for number, word in enumerate(words) for atom in _atoms_of(word, number)]
    new = [m[0] for m in ATOM.finditer(text.strip())]
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
            timed.append(Word(word.start, word.end, "".join(new[position : position + length]), word.probability))
            position += length
        else:
            timed.append(Word(old[source].start, old[source].end, new[position]))
            position += 1
    return tuple(timed)


def _atoms_of(word: Word, number: int) -> list[_Atom]:
    pieces = [m[0] for m in ATOM.finditer(word.text)]
    # An ideographic space is a piece without a length.
    total = sum(len(p.strip()) for p in pieces) or 1
    atoms, at = [], word.start
    for piece in pieces:
        until = at + (word.end - word.start) * len(piece.strip()) / total
        atoms.append(_Atom(piece, round(at, 3), round(until, 3), number))
        at = until
    return atoms


def _match(old: Sequence[_Atom], new: Sequence[str]) -> dict[int, int]:
    """Map the index of a new atom → the index of the same old one."""
    matcher = SequenceMatcher(None, [a.text.strip() for a in old], [text.strip() for text in new], autojunk=False)
    return {b + i: a + i for a, b, size in matcher.get_matching_blocks() for i in range(size)}


def _whole_word(old: Sequence[_Atom], matched: Mapping[int, int], position: int) -> int:
    """Return how many new atoms from `position` are exactly one old word; 0 when it is not there as a whole."""
    first = matched[position]
    word = old[first].word
    if first > 0 and old[first - 1].word == word:
        return 0
    length = next((i for i, atom in enumerate(old[first:]) if atom.word != word), len(old) - first)
    return length if all(matched.get(position + i) == first + i for i in range(length)) else 0


def _share(atoms: Sequence[str], since: float, until: float) -> list[Word]:
    total = sum(len(text.strip()) for text in atoms)
    words, at = [], since
    for text in atoms:
        stop = at + (until - since) * len(text.strip()) / total
        words.append(Word(round(at, 3), round(stop, 3), text))
        at = stop
    return words

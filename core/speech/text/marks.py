"""Restore punctuation: decoded text that lacks marks gets those of a second decoding with an example in its prompt.

Whisper continues in the style of the text before it. Without an example it writes Chinese mostly without marks, and now and then
half a minute of English without marks and capitals. With an example it writes them, but may also end early and hear other words.
So only marks and capitals are taken from the second decoding: every word stays as it was heard without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from core.domain.transcripts.transcript import Word, is_cjk
from core.speech.worker.decoder import DecodedText
from core.speech.worker.passages import Passage

# The shortest sentence that shows marks, in no particular language: the model would repeat parts of longer ones.
EXAMPLE, WIDE_EXAMPLE = " OK.", "OK。"
WIDE = frozenset({"zh", "yue", "ja"})
MARKS = frozenset(".,?!:;。，、？！：；．।؟،؛։።។။")
# Languages that are written without marks between sentences: a second decoding would cost time for nothing.
WITHOUT = frozenset({"th", "lo"})
# Text with fewer letters, or characters of a script without spaces, than this may be a phrase without a mark.
LEAST_LETTERS, LEAST_CHARACTERS = 50, 20
# The most letters, or characters of a script without spaces, per mark: people write a third of that.
LETTERS_A_MARK, CHARACTERS_A_MARK = 100, 50


def example(language: str) -> str:
    """Return the example for the prompt of speech in that language (a code of Whisper's)."""
    return WIDE_EXAMPLE if language in WIDE else EXAMPLE


def lacking(text: str, language: str) -> bool:
    """Return whether so long a text has hardly any punctuation, in a language that is written with it."""
    if language in WITHOUT:
        return False
    letters = [c for c in text if c.isalnum()]
    marks = sum(c in MARKS for c in text)
    if sum(map(is_cjk, letters)) * 2 > len(letters):
        return len(letters) >= LEAST_CHARACTERS and marks * CHARACTERS_A_MARK < len(letters)
    return len(letters) >= LEAST_LETTERS and marks * LETTERS_A_MARK < len(letters)


def written_as(first: DecodedText, other: DecodedText) -> DecodedText:
    """Return the words of `first`, with their times, and the marks and capitals that `other` has at the same places."""
    said = [c for word in first.words for c in word.text if c.isalnum()]
    says, marks = _letters_and_marks(other.text)
    same = dict(_pairs([c.lower() for c in said], [c.lower() for c in says]))
    passages, at = [], 0
    for passage in first.passages:
        words = []
        for word in passage.words:
            end = at + sum(c.isalnum() for c in word.text)
            twins = [same[i] for i in range(at, end) if i in same]
            mark = next((marks[twin] for twin in reversed(twins) if twin in marks), "")
            words.append(_written(word, _is_capital(says, same.get(at)), mark))
            at = end
        passages.append(Passage("".join(word.text for word in words), tuple(words)))
    return replace(first, passages=tuple(passages))


def _written(word: Word, capital: bool, mark: str) -> Word:
    text = word.text
    at = next((i for i, c in enumerate(text) if c.isalnum()), len(text))
    if capital and len(text[at : at + 1].upper()) == 1:  # ß has no capital of its own
        text = text[:at] + text[at : at + 1].upper() + text[at + 1 :]
    return replace(word, text=text if text.rstrip()[-1:] in MARKS else text.rstrip() + mark if mark else text)


def _is_capital(letters: Sequence[str], at: int | None) -> bool:
    """Return whether the letter at an index is a capital, and not one of an abbreviation."""
    return at is not None and letters[at].isupper() and not any(c.isupper() for c in letters[at + 1 : at + 2])


def _letters_and_marks(text: str) -> tuple[list[str], dict[int, str]]:
    """Return the letters, and by the index of the letter before it each mark, except marks inside a word or number (3,000)."""
    letters: list[str] = []
    marks: dict[int, str] = {}
    for c, following in pairwise(text + " "):
        if c.isalnum():
            letters.append(c)
        elif c in MARKS and letters and (not following.isalnum() or is_cjk(following) or is_cjk(letters[-1])):
            marks.setdefault(len(letters) - 1, c)
    return letters, marks


def _pairs(said: Sequence[str], says: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield indices of letters at the same place: the same ones, as many others between those, and the last of others."""
    for what, a, b, c, d in SequenceMatcher(None, said, says, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and b - a == d - c):
            yield from zip(range(a, b), range(c, d), strict=True)
        elif what == "replace":
            yield b - 1, d - 1

"""Punctuation by example: what the model is shown so that it writes marks, and whether a text lacks them.

Whisper writes as the text before it does, and of its own accord Chinese mostly without marks, and now and then half a minute
of English without marks and capitals. An example before the speech has it write them, and may have it end early. So Chinese
is read with one, and what is left unread then without; other languages are read with one where marks are lacking, and that is
taken only when nothing is lost by it.
"""

from __future__ import annotations

from core.domain.transcript import is_cjk
from core.speech.decoder import Reading

# Languages that the model mostly writes without marks.
UNMARKED = frozenset({"zh", "yue"})
# The shortest sentence that shows how it is written, in no language and either script: longer ones and those of one
# language have more characters wrong, more lost, or are repeated.
EXAMPLE, WIDE_EXAMPLE = " OK.", "OK。"
WIDE = UNMARKED | {"ja"}
MARKS = frozenset(".,?!:;。，、？！：；．।؟،")
# Fewer letters, or characters of a script without spaces, than this may be a phrase without a mark.
LEAST_LETTERS, LEAST_CHARACTERS = 50, 20
# Letters, or characters of a script without spaces, to a mark: people take a third of that.
LETTERS_A_MARK, CHARACTERS_A_MARK = 100, 50
# So much of the first reading must be in the other, and no more beyond it.
KEPT, ADDED = 0.97, 1.15
# How much less sure of it the model may be, in the logarithm of a token's probability: marks are tokens of their own.
LESS_SURE = 0.1


def example(language: str) -> str:
    return WIDE_EXAMPLE if language in WIDE else EXAMPLE


def at_first(language: str, round_: int) -> str:
    """The example for speech that was not read before, or none."""
    return example(language) if language in UNMARKED and not round_ else ""


def lacking(text: str) -> bool:
    """Whether so long a text has hardly any punctuation."""
    letters = [c for c in text if c.isalnum()]
    marks = sum(c in MARKS for c in text)
    if sum(map(is_cjk, letters)) * 2 > len(letters):
        return len(letters) >= LEAST_CHARACTERS and marks * CHARACTERS_A_MARK < len(letters)
    return len(letters) >= LEAST_LETTERS and marks * LETTERS_A_MARK < len(letters)


def may_replace(other: Reading, first: Reading) -> bool:
    """Whether `other` says all that `first` does, with punctuation, and the model is as sure of it."""
    said = sum(c.isalnum() for c in first.text)
    says = sum(c.isalnum() for c in other.text)
    return (
        KEPT * said <= says <= ADDED * said
        and not lacking(other.text)
        and other.mean_log_probability >= first.mean_log_probability - LESS_SURE
    )

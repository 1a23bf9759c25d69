"""Detect loops: a decoder that lost its place repeats text without the time to say it.

A refrain, a drill or a stutter also repeats words, but each repetition takes its time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.transcripts.transcript import Word, is_cjk

# Text that is compressed more than this repeats itself (the threshold of Whisper's own code).
COMPRESSED = 2.4
LONGEST_UNIT = 12
LEAST_REPEATS = 4
# Seconds that the quickest speaker needs, for a letter and for a character of a script without spaces.
LETTER = 0.035
CHARACTER = 0.09
# Seconds below which a word has no length.
SHORTEST = 0.03


@dataclass(frozen=True, slots=True)
class RepeatedRun:
    """Words [first, last) say the same `repeats` times."""

    first: int
    last: int
    repeats: int


def hurried(words: Sequence[Word], seconds: float) -> bool:
    """Return whether more was written than can be said in `seconds` of speech."""
    return seconds < needed(words)


def needed(words: Sequence[Word]) -> float:
    """Return the seconds that the quickest speaker needs to say the words."""
    letters = [c for word in words for c in word.text if c.isalnum()]
    wide = sum(is_cjk(c) for c in letters)
    return CHARACTER * wide + LETTER * (len(letters) - wide)


def looping(words: Sequence[Word], seconds: float) -> RepeatedRun | None:
    """Return the longest run that repeats itself without the time for it, by its words' times or in the speech as a whole."""
    found = [run for run in runs(words) if _without_time(words, run, seconds)]
    return max(found, key=lambda run: run.last - run.first, default=None)


def echoes(sentences: Sequence[Sequence[Word]]) -> list[int]:
    """Return the indices of sentences that repeat the one before or after them and have no time of their own.

    The adjacent sentence has the time, so that no speech is lost with an echo.
    """
    said = [_said(words) for words in sentences]
    flat = [_flat(words) for words in sentences]
    beside = [[at for at in (i - 1, i + 1) if 0 <= at < len(said)] for i in range(len(said))]
    return [i for i in range(len(said)) if flat[i] and any(said[at] == said[i] and not flat[at] for at in beside[i])]


def _flat(words: Sequence[Word]) -> bool:
    """Return whether most of the words have no length, and all of them together less than the quickest speaker needs."""
    lengthless = sum(word.end - word.start < SHORTEST for word in words)
    return lengthless * 2 > len(words) and words[-1].end - words[0].start < needed(words)


def _said(words: Sequence[Word]) -> list[str]:
    return [re.sub(r"[\W_]", "", word.text.lower()) for word in words]


def runs(words: Sequence[Word]) -> list[RepeatedRun]:
    """Return where a unit of 1 to 12 words is said at least four times in a row."""
    said = _said(words)
    found: list[RepeatedRun] = []
    for unit in range(1, min(LONGEST_UNIT, len(said) // LEAST_REPEATS) + 1):
        first = 0
        while first + unit < len(said):
            last = first + unit
            while last < len(said) and said[last] == said[last - unit]:
                last += 1
            repeats = (last - first) // unit
            if repeats >= LEAST_REPEATS and any(said[first : first + unit]):
                found.append(RepeatedRun(first, last, repeats))
            first = max(last - unit + 1, first + 1)
    return found


def _without_time(words: Sequence[Word], run: RepeatedRun, seconds: float) -> bool:
    part = words[run.first : run.last]
    spoken = min(part[-1].end - part[0].start, seconds)
    # In a loop, many words have no length; in a refrain each has one.
    flat = sum(word.end - word.start < SHORTEST for word in part)
    return spoken < needed(part) or flat * 3 > len(part)

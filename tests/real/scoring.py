"""Compare a transcript with the words that were said, by kind of error.

    text ─▶ tokens ─▶ align with the reference ─▶ lost, substituted and made-up tokens

Kinds are distinguished because they differ for a reader: a wrong word can be noticed and doubted, a lost one cannot. A token
is a word, or a simplified character of Chinese and Japanese; fillers are left out, small numbers are spelt out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from opencc import OpenCC

IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff"
TOKEN = re.compile(rf"[{IDEOGRAPHS}]|[^\W_{IDEOGRAPHS}]+")
FILLERS = frozenset(("uh", "um", "er", "ah", "hmm", "mm", "mhm", "uhh", "oh", "haha"))
NUMBERS = dict(
    zip(
        (str(number) for number in range(21)),
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        ),
        strict=True,
    )
)


class Kind(StrEnum):
    """The fate of a reference token, or the origin of a token that is not in the reference."""

    SAME = "same"
    SUBSTITUTED = "substituted"
    LOST = "lost"
    MADE_UP = "made up"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an alignment: `said` and `heard` are indexes of tokens, None where there is none on that side."""

    kind: Kind
    said: int | None
    heard: int | None


@dataclass(frozen=True, slots=True)
class Score:
    """Token counts. Shares are relative to the reference's tokens, or to one token for silence."""

    tokens: int
    lost: int
    substituted: int
    made_up: int

    @property
    def errors(self) -> int:
        return self.lost + self.substituted + self.made_up

    def share(self, count: int) -> float:
        return count / max(1, self.tokens)

    def __str__(self) -> str:
        if not self.tokens:
            return f"{self.made_up} tokens made up, where nobody speaks"
        kinds = {"lost": self.lost, "substituted": self.substituted, "made up": self.made_up}
        told = ", ".join(f"{name} {self.share(count):.1%}" for name, count in kinds.items())
        return f"errors {self.share(self.errors):.1%} of {self.tokens} tokens ({told})"


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = plain.replace("\u2019", "").replace("'", "").replace("%", " percent")
    plain = re.sub(r"\bmr\b", "mister", _simplifier().convert(plain))
    return [NUMBERS.get(token, token) for token in TOKEN.findall(plain) if token not in FILLERS]


def is_ideograph(token: str) -> bool:
    return bool(re.fullmatch(rf"[{IDEOGRAPHS}]", token))


def align(said: Sequence[str], heard: Sequence[str]) -> list[Step]:
    """Align with the fewest errors that turn `said` into `heard`. On a tie pairs of tokens come first, from the end."""
    costs = _costs(said, heard)
    steps: list[Step] = []
    i, j = len(said), len(heard)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (said[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            steps.append(Step(Kind.SAME if said[i] == heard[j] else Kind.SUBSTITUTED, i, j))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            steps.append(Step(Kind.LOST, i, None))
        else:
            j -= 1
            steps.append(Step(Kind.MADE_UP, None, j))
    return steps[::-1]


def _costs(said: Sequence[str], heard: Sequence[str]) -> np.ndarray:
    """costs[i, j]: the fewest errors between the first i and the first j tokens."""
    known = {token: number for number, token in enumerate({*said, *heard})}
    row = np.array([known[token] for token in heard], dtype=np.int64)
    steps = np.arange(len(heard) + 1)
    costs = np.empty((len(said) + 1, len(heard) + 1), dtype=np.int64)
    costs[0] = steps
    for i, token in enumerate(said, 1):
        costs[i, 0] = i
        costs[i, 1:] = np.minimum(costs[i - 1, :-1] + (row != known[token]), costs[i - 1, 1:] + 1)
        # A run of made-up tokens costs one per token from its best start.
        costs[i] = np.minimum.accumulate(costs[i] - steps) + steps
    return costs


def tally(steps: Iterable[Step]) -> Score:
    kinds = [step.kind for step in steps]
    lost, substituted = kinds.count(Kind.LOST), kinds.count(Kind.SUBSTITUTED)
    return Score(kinds.count(Kind.SAME) + lost + substituted, lost, substituted, kinds.count(Kind.MADE_UP))


def score(said: str, heard: str) -> Score:
    return tally(align(tokens(said), tokens(heard)))


def runs(said: Sequence[str], heard: Sequence[str], kind: Kind, least: int = 4) -> Iterator[str]:
    """Return the runs of at least `least` lost or made-up tokens."""
    run: list[str] = []
    for step in [*align(said, heard), Step(Kind.SAME, None, None)]:
        if step.kind is kind:
            run.append(said[step.said] if step.said is not None else heard[step.heard or 0])
            continue
        if len(run) >= least:
            yield " ".join(run)
        run = []


def report(said: str, heard: str) -> str:
    """Return a failing test's message: the score, and the runs of lost and made-up tokens."""
    left, right = tokens(said), tokens(heard)
    lines = [str(tally(align(left, right)))]
    for kind in (Kind.LOST, Kind.MADE_UP):
        lines += [f"    {kind}: {run[:200]}" for run in runs(left, right, kind)]
    return "\n".join(lines)


def loops(text: str, *, longest: int = 8, times: int = 4) -> list[str]:
    """Return phrases of up to `longest` tokens that occur at least `times` times in a row."""
    words = tokens(text)
    found = []
    for size in range(1, longest + 1):
        at = 0
        while at + size * times <= len(words):
            phrase = words[at : at + size]
            count = 1
            while words[at + count * size : at + (count + 1) * size] == phrase:
                count += 1
            if count >= times:
                found.append(f"{' '.join(phrase)} ×{count}")
            at += size * count if count >= times else 1
    return found

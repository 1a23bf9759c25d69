"""Whether what a model wrote is an answer at all, or what was around it: the prompt, its marks, an empty form, a loop. Pure.

A weak model fills a form in with what is nearest. Such text has the right shape, so no schema refuses it; here it is told by
what it holds. Words that the recording itself has are nobody's copy of the prompt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.notes.tokens import tokens

# Consecutive words of the prompt that no statement on a recording shares with it by chance (a CJK character counts as one).
COPIED_WORDS = 7
COPIED_CJK = 12
# A short text repeats words; from here on it is told by the share of different ones.
LOOP_WORDS = 12
LEAST_DIFFERENT = 0.3
MOST_IN_A_ROW = 4

_NUMBERED = re.compile(r"\[\s*\d+\s*\]")
_BRACES = re.compile(r"\{[^{}]*\}|\{\{|\}\}|[{}]\s*[\[\].,:;]|^\s*[{}]|\bsentence_[12]\b|<\|[^|]*\|>|</?think(ing)?>")
_TAG = re.compile(r"<[^<>]*>")
_FILLER = frozenset(
    {"string", "str", "text", "quote", "statement", "title", "summary", "explanation", "value", "null", "none", "nil", "n", "a"}
    | {"undefined", "todo", "tbd", "placeholder", "example", "lorem", "ipsum"}
    | {"字符串", "文本", "无", "空", "示例", "标题", "引文"}
)


@dataclass(frozen=True)
class Gate:
    """`tag` and `code` of the prompt, `instructions` of it, `body` the recorded words that stood in it."""

    tag: str
    code: str
    instructions: str
    body: str

    @cached_property
    def _told(self) -> frozenset[tuple[str, ...]]:
        runs = set(_runs(tokens(self.instructions)))
        return frozenset(runs - set(_runs(tokens(self.body))) if runs else ())

    def fault(self, text: str) -> str:
        """Why the text is no answer, "" when it may be one."""
        if self.tag in text:
            return "it holds the mark of the prompt"
        if self.code in text and self.code not in self.body:
            return "it holds the check code"
        if _NUMBERED.search(text) or _BRACES.search(text) or self._empty(text):
            return "it is an empty form"
        words = tokens(text)
        if any(run in self._told for run in _runs(words)):
            return "it repeats the task"
        return "it repeats itself" if repeats(words) and not self._said(words) else ""

    @cached_property
    def _spoken(self) -> frozenset[tuple[str, ...]]:
        return frozenset(_triples(tokens(self.body)))

    def _said(self, words: Sequence[str]) -> bool:
        """Whether most of it stands so in the recording: a refrain, a count, a speaker who repeats himself."""
        triples = _triples(words)
        return 2 * sum(triple in self._spoken for triple in triples) > len(triples)

    def _empty(self, text: str) -> bool:
        plain = _TAG.sub(" ", text).strip()
        if not any(c.isalnum() for c in plain):
            return True
        if plain.lower() in self.body.lower():
            return False
        words = re.findall(r"[^\W_]+", plain.lower())
        return all(word in _FILLER or word.isdigit() for word in words)


def repeats(words: Sequence[str]) -> bool:
    """Whether the same words come again and again."""
    if len(words) >= LOOP_WORDS and len(set(words)) < LEAST_DIFFERENT * len(words):
        return True
    for length in range(1, 1 + len(words) // MOST_IN_A_ROW):
        in_a_row = 0
        for index in range(length, len(words)):
            in_a_row = in_a_row + 1 if words[index] == words[index - length] else 0
            if in_a_row >= length * (MOST_IN_A_ROW - 1):
                return True
    if len(words) < LOOP_WORDS:
        return False
    often = Counter(tuple(words[i : i + 5]) for i in range(len(words) - 4))
    return max(often.values(), default=0) >= MOST_IN_A_ROW


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Every stretch of words that is long enough to be a copy."""
    found = []
    for length in (COPIED_WORDS, COPIED_CJK):
        for start in range(len(words) - length + 1):
            run = tuple(words[start : start + length])
            unspaced = sum(len(w) == 1 and ord(w) > 0x2E7F for w in run) > length // 2
            if unspaced == (length == COPIED_CJK):
                found.append(run)
    return found


def _triples(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + 3]) for i in range(len(words) - 2)]

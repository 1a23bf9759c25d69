"""Tell a model's answer from copies of its surroundings: the prompt, its marks, an empty form, a loop. Pure.

A weak model fills a form in with the nearest text. Such text has the right shape, so no schema refuses it; it is detected here by
its content (talk to the user: core.notes.answers.chatter). Words of the recording itself are no copy of the prompt.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.notes.answers import chatter
from core.notes.text.keywords import content_words
from core.notes.text.tokens import is_unspaced, tokens

# Consecutive words of the prompt that no statement on a recording shares with it by chance (a CJK character counts as one).
COPIED_WORDS = 7
COPIED_CJK = 12
# A short text repeats words; from this length on a low share of distinct words shows a loop.
LOOP_WORDS = 12
LEAST_DIFFERENT = 0.3
MOST_IN_A_ROW = 4
LOOP_LETTERS = 10
_PERIOD = re.compile(r"(.{1,3})\1+.{0,2}")

_NUMBERED = re.compile(r"\[\s*\d+\s*\]")
_BRACES = re.compile(r"\{[^{}]*\}|\{\{|\}\}|[{}]\s*[\[\].,:;]|^\s*[{}]|\bsentence_[12]\b|<\|[^|]*\|>|</?think(ing)?>")
_TAG = re.compile(r"<[^<>]*>")
_FILLER = frozenset(
    {"string", "str", "text", "quote", "statement", "title", "summary", "explanation", "value", "null", "none", "nil", "n", "a"}
    | {"undefined", "todo", "tbd", "placeholder", "example", "sentence", "sentences", "quotes", "statements", "points", "point"}
    | {"json", "object", "true", "false", "code", "chapters", "terms", "actions", "words", "part", "xxx", "xxxx", "description"}
    | {"字符串", "文本", "无", "空", "示例", "标题", "引文", "摘要", "要点", "总结", "陈述"}
)
# Glue words between the others; alone they may be a name.
_GLUE_LIST = """
    of the your this that what says one two three short here insert to in it chapter and first second important most is
"""
_GLUE = frozenset(_GLUE_LIST.split())
# A text that is mostly this many consecutive words of the task is a piece of it.
PIECE_WORDS, PIECE_CJK = 5, 6
# An echo shares at least this many telling words, and this share of them; of pairs of characters, more.
ECHO_WORDS, ECHO_PAIRS, ECHO_SHARE = 4, 8, 0.8
STEM = 5


@dataclass(frozen=True)
class Gate:
    """The gate for one prompt: its `tag`, `code` and `instructions`; `body` is the recorded text in it."""

    tag: str
    code: str
    instructions: str
    body: str

    @cached_property
    def _told(self) -> frozenset[tuple[str, ...]]:
        runs = set(_runs(tokens(self.instructions)))
        return frozenset(runs - set(_runs(tokens(self.body))) if runs else ())

    def fault(self, text: str) -> str:
        """Return the reason why the text is no answer; "" if it may be one."""
        if self.tag in text:
            return "it holds the mark of the prompt"
        if self.code in text and self.code not in self.body:
            return "it holds the check code"
        if _NUMBERED.search(text) or _BRACES.search(text) or self._empty(text):
            return "it is an empty form"
        words = tokens(text)
        if any(run in self._told for run in _runs(words)) or self._is_piece(words) or self._echoes(text):
            return "it repeats the task"
        if repeats(words) and not self._said(words):
            return "it repeats itself"
        return chatter.fault(text, self.body)

    def _is_piece(self, words: Sequence[str]) -> bool:
        """Return whether a short text is hardly more than a piece of the task."""
        least = PIECE_CJK if any(map(is_unspaced, words)) else PIECE_WORDS
        length = max(least, math.ceil(ECHO_SHARE * len(words)))
        pieces = (f" {' '.join(words[start : start + length])} " for start in range(len(words) - length + 1))
        return any(piece in self._task and piece not in self._recorded for piece in pieces)

    @cached_property
    def _task(self) -> str:
        return f" {' '.join(tokens(self.instructions))} "

    @cached_property
    def _vocabulary(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the telling words of the task, and of the recording."""
        return _telling(self.instructions), _telling(self.body)

    def _echoes(self, text: str) -> bool:
        """Return whether the text rewords the task: nearly all its telling words are the task's, and none are recorded."""
        told, recorded = self._vocabulary
        telling = _telling(text)
        least = ECHO_PAIRS if any(is_unspaced(word[0]) for word in telling) else ECHO_WORDS
        return len(telling) >= least and len(telling & told) >= ECHO_SHARE * len(telling) and not telling & recorded

    @cached_property
    def _spoken(self) -> frozenset[tuple[str, ...]]:
        return frozenset(_triples(tokens(self.body)))

    def _said(self, words: Sequence[str]) -> bool:
        """Return whether most of the words occur like this in the recording: a refrain, a count, a repeated phrase."""
        if f" {' '.join(words)} " in self._recorded:
            return True
        triples = _triples(words)
        return 2 * sum(triple in self._spoken for triple in triples) > len(triples)

    def _empty(self, text: str) -> bool:
        plain = _TAG.sub(" ", text).strip()
        if not any(c.isalnum() for c in plain):
            return True
        if f" {' '.join(tokens(plain))} " in self._recorded:
            return False
        words = re.findall(r"[^\W_]+", plain.lower())
        filler = [word for word in words if word in _FILLER or word.isdigit()]
        return bool(filler) and all(word in _GLUE for word in words if word not in filler)

    @cached_property
    def _recorded(self) -> str:
        return f" {' '.join(tokens(self.body))} "


def _telling(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in content_words(text))


def repeats(words: Sequence[str]) -> bool:
    """Return whether the same words come again and again, or the same letters in one."""
    if any(len(word) >= LOOP_LETTERS and not word.isdigit() and _PERIOD.fullmatch(word) for word in words):
        return True
    if len(words) > 2 and any(
        _periodic(words, length) for length in range(1, 1 + len(words) // 3) if length > 1 or len(words) > 4
    ):
        return True
    if len(words) >= LOOP_WORDS and len(set(words)) < LEAST_DIFFERENT * len(words):
        return True
    for length in range(1, 1 + len(words) // MOST_IN_A_ROW):
        # 慢慢慢慢来: one character may well come several times.
        if length == 1 and all(map(is_unspaced, words)):
            continue
        in_a_row = 0
        for index in range(length, len(words)):
            in_a_row = in_a_row + 1 if words[index] == words[index - length] else 0
            if in_a_row >= length * (MOST_IN_A_ROW - 1):
                return True
    if len(words) < LOOP_WORDS:
        return False
    often = Counter(tuple(words[i : i + 5]) for i in range(len(words) - 4))
    return max(often.values(), default=0) >= MOST_IN_A_ROW


def _periodic(words: Sequence[str], length: int) -> bool:
    """Return whether the words are the first `length` ones repeated, and nothing else."""
    return all(words[index] == words[index - length] for index in range(length, len(words)))


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every run of words that is long enough to be a copy."""
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

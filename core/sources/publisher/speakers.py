"""Find speakers in transcripts that only write `Name: ` before the words, which a sentence with a colon does too.

guess(text) ─▶ Guess(name, words) or None         has it the form of a name?
believed(guesses, people) ─▶ names                 repeated and no label, or one of the episode's people
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.sources.publisher.labels import is_label

_MOST_WORDS = 5
# Bare, in brackets, or as Markdown marks it: `**Name:** words`.
_NAMED = re.compile(
    r"(?:[\[(]|[*_]{1,3})?([^\W_][^:：\n\[\]()*]{0,60})(?:[\])]|[*_]{1,3})?\s{0,3}(?::[*_]{0,3}\s{1,9}|：[*_]{0,3}\s{0,9})(?=\S)"
)
_WORD = re.compile(r"(?:[^\W\d_][\w.'’·-]*|\d{1,3}|[&+])")
_PARTICLES = frozenset(re.findall(r"\w+", "de del della der den di da do dos du la le van von zu bin of"))
# Words that start sentences, but not names.
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "i you he she it we they me him her us them my your his our their this that these those there here what who why how when "
        "where which and but or so then now because if as at in on to from for with not no yes well okay oh the is are was were "
        "be also still just like remember note warning example first second third finally meaning once after before",
    )
)
_CHINESE = re.compile(r"[\u3400-\u9fff·]{1,12}\d{0,2}")
_CHINESE_SENTENCE = re.compile(r"^[我你他她它这那因所但就如]|[说道问讲曰是想叫答喊写有]$|的")


@dataclass(frozen=True, slots=True)
class Guess:
    """A possible speaker. `words`: the text without the name."""

    name: str
    words: str


def guess(text: str) -> Guess | None:
    found = _NAMED.match(text[:100])
    if not found:
        return None
    name = found[1].strip()
    return Guess(name, text[found.end() :]) if _like_a_name(name) else None


def believed(guesses: Iterable[Guess], people: Collection[str]) -> set[str]:
    """Return the names that are repeated and no labels, and those that the feed has too, in full or in part."""
    known = {person.casefold() for person in people} | {part.casefold() for person in people for part in person.split()}
    counted = Counter(each.name for each in guesses)
    return {name for name, times in counted.items() if name.casefold() in known or (times > 1 and not is_label(name))}


def _like_a_name(name: str) -> bool:
    if _CHINESE.fullmatch(name):
        return not _CHINESE_SENTENCE.search(name)
    words = name.split()
    if not 1 <= len(words) <= _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words):
        return False
    if any(word.casefold() in _NO_NAMES for word in words if word.casefold() not in _PARTICLES or word is words[0]):
        return False
    first = words[0][0]
    return first.isalpha() and not first.islower() and all(not w[0].islower() or w in _PARTICLES for w in words)

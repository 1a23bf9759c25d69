"""The JSON object in what a model said, whole or cut off. Pure; in time proportional to the text's length.

    text → its last LONGEST characters, after the last </think> → places where an object may begin, TRIED of them at most
         → from the last: does it close, and say anything? → that one, as JSON, else as what is nearly JSON (lenient)
         → none does: the last one, up to the end of its last complete member or list item, and closed there

A model that thinks aloud writes drafts first, so the last object is the answer. An item that the end cuts through is dropped
as a whole: half a quote would be another quote.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.notes.answers.lenient_json import Broken, Lenient

LONGEST = 100_000
# Each place costs a pass over what follows it.
TRIED = 6
# Forms have three levels.
DEEPEST = 8

_THOUGHT = re.compile(
    r"</(?:think|thinking|thoughts?|reasoning|reflection|scratchpad)>|<\|end_of_thought\|>|◁/think▷", re.IGNORECASE
)
# What decides where an object ends; a string that has no end is a match without its last quote.
_MARK = re.compile(r'[{}\[\],]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_CLOSER = {"{": "}", "[": "]"}


def _begins(name: str) -> re.Pattern[str]:
    """An object whose first name, in whatever marks or in none, is this one."""
    marks = "[\"'“”„‘’＂＇`「」『』«»]?"
    # Bounded, for comments may hold braces, from each of which the rest would be looked through.
    blank = r"(?:[\s\u200b\ufeff]{1,400}+|//[^\n]{0,200}\n){0,8}+"
    return re.compile(rf"[{{｛]{blank}{marks}(?:{name})(?!\w){marks}\s{{0,100}}[:：]", re.IGNORECASE)


_ANY = _begins(r"\w{1,64}")


class NoObject(ValueError):
    """There is no usable JSON object in the text; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """`whole` is False when the text ended before the object did: then `values` holds its complete parts alone."""

    values: dict[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where the object that begins at `start` ends, or could have; `closers` is what it then lacks."""

    start: int
    stop: int
    closers: str


def read_object(text: str, fields: Collection[str]) -> ParsedAnswer:
    """The last complete object that begins with one of `fields`, else what is complete of the last one. Raises NoObject.

    One without a word, such as the form shown once more, is the answer only where no other is.
    """
    text = text[-LONGEST:]
    thoughts = deque(_THOUGHT.finditer(text), maxlen=1)
    text = text[thoughts[0].end() :] if thoughts else text
    problem, best = "no JSON object", None
    for start in reversed(_starts(text, fields)):
        try:
            said = _read(text, start)
        except Broken as error:
            problem = f"broken JSON ({error})"
            continue
        if said.values and (best is None or _worth(said) > _worth(best)):
            best = said
    if best is None:
        raise NoObject(problem)
    return best


def _worth(said: ParsedAnswer) -> tuple[bool, bool]:
    """What is whole before what is cut; of both, what says something."""
    return said.whole and _says(said.values), said.whole


def _says(value: Any) -> bool:
    """Whether there is a text in it."""
    if isinstance(value, Mapping | list):
        return any(map(_says, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, str) and bool(value.strip())


def _starts(text: str, fields: Collection[str]) -> list[int]:
    """Where an object with one of the fields in front begins; else the first with any name there, for another may come first."""
    known = _begins("|".join(field.replace("_", "[ _-]") for field in fields))
    starts = list(deque((m.start() for m in known.finditer(text)), maxlen=TRIED))
    first = None if starts else _ANY.search(text)
    return [first.start()] if first else starts


def _read(text: str, start: int) -> ParsedAnswer:
    """As JSON, else as what is nearly JSON. Raises ValueError."""
    strict = _strictly(text, start)
    if strict is not None and strict.whole:
        return strict
    try:
        lenient = _leniently(text, start)
    except Broken:
        if strict is None:
            raise
        return strict
    return lenient if strict is None or lenient.whole else strict


def _strictly(text: str, start: int) -> ParsedAnswer | None:
    extent = _extent(text, start)
    if extent is None:
        return None
    try:
        values = json.loads(text[extent.start : extent.stop] + extent.closers, strict=False)
    except (ValueError, RecursionError):
        return None
    return ParsedAnswer(values, whole=not extent.closers)


def _leniently(text: str, start: int) -> ParsedAnswer:
    reader = Lenient(text, start, DEEPEST)
    values = reader.read()
    return ParsedAnswer(values, whole=reader.whole)


def _extent(text: str, start: int) -> _Extent | None:
    """One pass over the object that begins at `start`; None when its brackets do not match, or nothing in it is complete."""
    stack: list[str] = []
    safe: _Extent | None = None
    for mark in _MARK.finditer(text, start):
        sign = mark[0][0]
        if sign == '"':
            if len(mark[0]) < 2 or mark[0][-1] != '"':
                break
        elif sign == ",":
            if _between_items(stack):
                safe = _Extent(start, mark.start(), "".join(reversed(stack)))
        elif sign in _CLOSER:
            stack.append(_CLOSER[sign])
            if len(stack) > DEEPEST:
                return None
        else:
            if stack.pop() != sign:
                return None
            if not stack:
                return _Extent(start, mark.end(), "")
            if _between_items(stack):
                safe = _Extent(start, mark.end(), "".join(reversed(stack)))
    return safe


def _between_items(stack: list[str]) -> bool:
    """Whether what ends here is a member of the object itself, or an item of one of its lists."""
    return stack in (["}"], ["}", "]"])

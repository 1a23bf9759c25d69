"""Find the JSON object in a model's answer, whole or cut off. Pure; in time proportional to the text's length.

    text → its last LONGEST characters, after the last </think> → places where an object may begin, TRIED of them at most
         → from the last: does it close, and hold any text? → parse that one as JSON, else as nearly JSON (lenient)
         → none does: take the last one, up to the end of its last complete member or list item, and close it there

A model that thinks aloud writes drafts first, so the last object is the answer. An item that the end cuts through is dropped as a
whole: half a quote would be another quote.
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
# Each place costs a pass over the text after it.
TRIED = 6
# Forms have three levels.
DEEPEST = 8

_THOUGHT = re.compile(
    r"</(?:think|thinking|thoughts?|reasoning|reflection|scratchpad)>|<\|end_of_thought\|>|◁/think▷", re.IGNORECASE
)
# Tokens that decide where an object ends; an unterminated string matches without its last quote.
_MARK = re.compile(r'[{}\[\],]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_CLOSER = {"{": "}", "[": "]"}


def _begins(name: str) -> re.Pattern[str]:
    """Return a pattern for an object whose first name is this one, with or without quotation marks of any kind."""
    marks = "[\"'“”„‘’＂＇`「」『』«»]?"
    # Bounded, for comments may hold braces, and each brace would start a scan of the rest.
    blank = r"(?:[\s\u200b\ufeff]{1,400}+|//[^\n]{0,200}\n){0,8}+"
    return re.compile(rf"[{{｛]{blank}{marks}(?:{name})(?!\w){marks}\s{{0,100}}[:：]", re.IGNORECASE)


_ANY = _begins(r"\w{1,64}")


class NoObject(ValueError):
    """The text has no usable JSON object; the message says why."""


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """`whole` is False when the text ended before the object did: then `values` holds its complete parts alone."""

    values: dict[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where the object that begins at `start` ends, or could be cut; `closers` are the brackets that then close it."""

    start: int
    stop: int
    closers: str


def read_object(text: str, fields: Collection[str]) -> ParsedAnswer:
    """Return the last complete object that begins with one of `fields`, else the complete parts of the last one. Raises NoObject.

    An object without text, such as the form repeated, is the answer only where no other is.
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
    """Rank whole objects before cut ones, and then those with text before empty ones."""
    return said.whole and _says(said.values), said.whole


def _says(value: Any) -> bool:
    """Return whether the value holds any text."""
    if isinstance(value, Mapping | list):
        return any(map(_says, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, str) and bool(value.strip())


def _starts(text: str, fields: Collection[str]) -> list[int]:
    """Return where objects begin with one of the fields; else the first with any name, as members may come in another order."""
    known = _begins("|".join(field.replace("_", "[ _-]") for field in fields))
    starts = list(deque((m.start() for m in known.finditer(text)), maxlen=TRIED))
    first = None if starts else _ANY.search(text)
    return [first.start()] if first else starts


def _read(text: str, start: int) -> ParsedAnswer:
    """Parse as JSON, else as nearly JSON. Raises ValueError."""
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
    """Scan the object that begins at `start`; None when its brackets do not match, or nothing in it is complete."""
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
    """Return whether the stack is at a member of the object itself, or at an item of one of its lists."""
    return stack in (["}"], ["}", "]"])

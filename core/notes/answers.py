"""The JSON object in what a model said, whole or cut off. Pure; in time proportional to the text's length.

    text → its last LONGEST characters, after the last </think> → places where an object may begin, TRIED of them at most
         → from the last: does it close? → that one
         → none does: the last one, up to the end of its last complete member or list item, and closed there

A model that thinks aloud writes drafts first, so the last object is the answer. An item that the end cuts through is dropped
as a whole: half a quote would be another quote.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

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


class NoObject(ValueError):
    """There is no usable JSON object in the text; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """`whole` is False when the text ended before the object did: then `values` holds its complete parts alone."""

    values: dict[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where the object that begins at `start` ends, or could have; `closers` is what it then lacks."""

    start: int
    stop: int
    closers: str


def read_object(text: str, fields: Collection[str]) -> Said:
    """The last complete object that begins with one of `fields`, else what is complete of the last one. Raises NoObject."""
    text = text[-LONGEST:]
    thoughts = deque(_THOUGHT.finditer(text), maxlen=1)
    text = text[thoughts[0].end() :] if thoughts else text
    extents = [e for start in _starts(text, fields) if (e := _extent(text, start)) is not None]
    # From the last to the first; what is whole before what is cut.
    extents.sort(key=lambda e: (bool(e.closers), -e.start))
    problem = "no JSON object"
    for extent in extents:
        try:
            values = json.loads(text[extent.start : extent.stop] + extent.closers, strict=False)
        except (ValueError, RecursionError) as error:
            problem = f"broken JSON ({error})"
            continue
        if values:
            return Said(values, whole=not extent.closers)
    raise NoObject(problem)


def _starts(text: str, fields: Collection[str]) -> list[int]:
    """Where an object with one of the fields in front begins; else the first brace, in case another field stands there."""
    known = re.compile(r'\{\s*"(?:' + "|".join(re.escape(f) for f in fields) + r')"')
    starts = list(deque((m.start() for m in known.finditer(text)), maxlen=TRIED))
    first = text.find("{")
    return [first] if not starts and first >= 0 else starts


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

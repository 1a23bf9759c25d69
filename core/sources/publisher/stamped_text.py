"""Parse plain text with timestamps, as transcript programs and editors export it.

    [00:01:02] Name: words          the time before the words, one row each
    Name  1:02 ¶ words              name and time above the words; the time may be in brackets
    [00:01:02] - Name ¶ words       time, then name, above the words

A text counts as stamped if its times never decrease and many paragraphs have one: `10:30 we start` alone is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from core.sources.publisher.speakers import guess

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,9}))?"
_STAMPED = re.compile(rf"[ \t]*+[\[(]?{_CLOCK}[\])]?(?:[ \t]*+[-–—:|])?(?:[ \t]++|$)")
_HEADED = re.compile(rf"[ \t]*+([^\W\d_][^:：\n\[\]()]{{0,60}}?),?[ \t]{{0,9}}[\[(]?(?<!\d){_CLOCK}[\])]?[ \t]*+:?[ \t]*+$")
_FEWEST = 2
_ROW = 400


@dataclass(frozen=True, slots=True)
class StampedLine:
    """A stamped passage. `start`: seconds; `words`: in rows, which may begin with a name if `speaker` is None."""

    start: float
    words: str
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class _Stamp:
    row: int
    start: float
    rest: str
    name: str | None


def read(text: str) -> list[StampedLine]:
    """Return the passages in order; [] for text that is not stamped. Takes time in proportion to the text's length."""
    rows = text.split("\n")
    stamps = [stamp for number, row in enumerate(rows) if (stamp := _stamp(number, row[:_ROW], row))]
    if len(stamps) < _FEWEST or any(a.start > b.start for a, b in pairwise(stamps)):
        return []
    paragraphs = sum(1 for number, row in enumerate(rows) if row.strip() and (number == 0 or not rows[number - 1].strip()))
    if len(stamps) * 2 < paragraphs and len(stamps) * 4 < len(rows):
        return []
    ends = [stamp.row for stamp in stamps[1:]] + [len(rows)]
    below = [[row for row in rows[stamp.row + 1 : end] if row.strip()] for stamp, end in zip(stamps, ends, strict=True)]
    named = _names_above(stamps, below)
    front = [row for row in rows[: stamps[0].row] if row.strip()]
    found = [StampedLine(0.0, "\n".join(front))] if front else []
    for stamp, others in zip(stamps, below, strict=True):
        name = stamp.rest.rstrip(" :：") if named else stamp.name
        words = others if named else [stamp.rest, *others]
        found.append(StampedLine(stamp.start, "\n".join(row for row in words if row), name))
    return found


def _stamp(number: int, head: str, row: str) -> _Stamp | None:
    if found := _STAMPED.match(head):
        return _Stamp(number, _seconds(found.groups()), row[found.end() :].strip(), None)
    if len(row) < _ROW and (found := _HEADED.match(head)):
        return _Stamp(number, _seconds(found.groups()[1:]), "", found[1].strip(" -–—|"))
    return None


def _names_above(stamps: list[_Stamp], below: list[list[str]]) -> bool:
    """Return whether each time has a name beside it and words below."""
    return all(
        stamp.rest and others and guess(f"{stamp.rest.rstrip(' :：')}: x") is not None
        for stamp, others in zip(stamps, below, strict=True)
    )


def _seconds(groups: Iterable[str | None]) -> float:
    hours, minutes, seconds, fraction = groups
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")

"""Compare two versions of notes: equal entries, reworded ones, and those that only one version has.

points, chapters, terms, actions ─▶ pairs: the same text, else the same quote, else a text that is `ALIKE`
                                 ─▶ rows in the order of the audio; entries without a place stand last
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Generic, TypeVar

from core.domain.notes.note import Action, Chapter, Notes, Point, Term

# Two wordings of one point share most of their characters; two points about one subject share fewer than this.
ALIKE = 0.7

Entry = TypeVar("Entry", Point, Chapter, Term, Action)


class Difference(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ComparisonRow(Generic[Entry]):
    """An entry of the old version beside its counterpart in the new one; None where there is none."""

    old: Entry | None
    new: Entry | None

    @property
    def difference(self) -> Difference:
        if self.old is None:
            return Difference.ADDED
        if self.new is None:
            return Difference.REMOVED
        return Difference.SAME if _words(self.old) == _words(self.new) else Difference.CHANGED


@dataclass(frozen=True, slots=True)
class Comparison:
    """`tldr` is the gist of the old version and of the new one."""

    tldr: tuple[str, str]
    points: tuple[ComparisonRow[Point], ...]
    chapters: tuple[ComparisonRow[Chapter], ...]
    terms: tuple[ComparisonRow[Term], ...]
    actions: tuple[ComparisonRow[Action], ...]


def compare(old: Notes, new: Notes) -> Comparison:
    return Comparison(
        tldr=(old.tldr, new.tldr),
        points=_rows(old.points, new.points),
        chapters=_rows(old.chapters, new.chapters),
        terms=_rows(old.terms, new.terms),
        actions=_rows(old.actions, new.actions),
    )


def _rows(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[ComparisonRow[Entry], ...]:
    """Return each entry in one row. Equal ones are paired before any that only resemble each other."""
    left, rows, unmatched = list(new), list[ComparisonRow[Entry]](), list[Entry]()
    for entry in old:
        twin = next((e for e in left if _words(e) == _words(entry)), None)
        if twin is None:
            unmatched.append(entry)
        else:
            left.remove(twin)
            rows.append(ComparisonRow(entry, twin))
    for entry in unmatched:
        twin = _same_evidence(entry, left) or _alike(entry, left)
        if twin is not None:
            left.remove(twin)
        rows.append(ComparisonRow(entry, twin))
    rows += [ComparisonRow(None, entry) for entry in left]
    return tuple(sorted(rows, key=_place))


def _words(entry: Point | Chapter | Term | Action) -> list[str]:
    """Return the visible text of an entry, without regard to spaces."""
    match entry:
        case Chapter(title, _, summary):
            return [title, *summary.split()]
        case Term(text, explanation):
            return [text, *explanation.split()]
        case _:
            return entry.text.split()


def _same_evidence(entry: Entry, others: Sequence[Entry]) -> Entry | None:
    """Find the entry with the same quote; for chapters, which have none, the same beginning; for terms the same name."""
    match entry:
        case Chapter():
            return next((e for e in others if isinstance(e, Chapter) and e.start == entry.start), None)
        case Term():
            return next((e for e in others if isinstance(e, Term) and e.text.casefold() == entry.text.casefold()), None)
        case _:
            return next((e for e in others if not isinstance(e, Chapter) and e.quote and e.quote == entry.quote), None)


def _alike(entry: Entry, others: Sequence[Entry]) -> Entry | None:
    said = " ".join(_words(entry)).casefold()

    def likeness(other: Entry) -> float:
        return SequenceMatcher(None, said, " ".join(_words(other)).casefold(), autojunk=False).ratio()

    likest = max(others, key=likeness, default=None)
    return likest if likest is not None and likeness(likest) >= ALIKE else None


def _place(row: ComparisonRow[Entry]) -> float:
    for entry in (row.new, row.old):
        if entry is not None and entry.start is not None:
            return entry.start
    return math.inf

"""Choose the points, chapters, names and actions of the notes. Pure.

A language model may say which points matter most; it cannot leave a stretch of the episode out. Points are taken in rounds, one
from every stretch of time a round; chapters keep a distance; repeated statements appear once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from core.domain.notes.note import Action, Chapter, Point, Term
from core.notes.text.tokens import tokens


@dataclass(frozen=True, slots=True)
class PointCandidate:
    """A point, and `at`: the seconds at which its evidence or, where that was not found, its chunk begins."""

    point: Point
    at: float


def spread(candidates: Sequence[PointCandidate], picked: Set[int], limit: int) -> tuple[int, ...]:
    """Return the indexes of at most `limit` candidates, in order of time: every stretch with any gives its best first.

    Best are the model's `picked` ones, then verified ones, then the earliest.
    """
    if len(candidates) <= limit:
        return _in_time(candidates, range(len(candidates)))
    first = min(c.at for c in candidates)
    length = max(c.at for c in candidates) - first or 1.0
    stretches: list[list[int]] = [[] for _ in range(max(1, (limit + 1) // 2))]
    for index, candidate in enumerate(candidates):
        place = int((candidate.at - first) / length * len(stretches))
        stretches[min(place, len(stretches) - 1)].append(index)
    for stretch in stretches:
        stretch.sort(key=lambda i: (i not in picked, not candidates[i].point.verified, i))
    return _in_time(candidates, _rounds(stretches, limit))


def _rounds(stretches: Sequence[Sequence[int]], limit: int) -> list[int]:
    taken: list[int] = []
    for turn in range(max(len(s) for s in stretches)):
        taken += [s[turn] for s in stretches if turn < len(s)]
    return taken[:limit]


def _in_time(candidates: Sequence[PointCandidate], indexes: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(indexes, key=lambda i: (candidates[i].at, i)))


def distinct_points(candidates: Iterable[PointCandidate]) -> list[PointCandidate]:
    """Drop points that say the same in the same words, or prove themselves with the same quote."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for candidate in candidates:
        says = ("text", *tokens(candidate.point.text))
        proof = ("quote", *tokens(candidate.point.quote))
        if says in seen or (len(proof) > 1 and proof in seen):
            continue
        seen |= {says, proof}
        kept.append(candidate)
    return kept


def chapters(candidates: Iterable[Chapter], duration: float, limit: int) -> tuple[Chapter, ...]:
    """Return chapters in order of time, each at least a fair share of the episode after the one before, and called otherwise.

    A summary that only says its title again is left out.
    """
    distance = duration / (limit + 1)
    kept: list[Chapter] = []
    for chapter in sorted(candidates, key=lambda c: c.start):
        if kept and (chapter.start - kept[-1].start < distance or tokens(chapter.title) == tokens(kept[-1].title)):
            continue
        kept.append(replace(chapter, summary="") if tokens(chapter.summary) == tokens(chapter.title) else chapter)
    return tuple(kept[:limit])


def terms(candidates: Iterable[Term], limit: int) -> tuple[Term, ...]:
    """Return each term once; those that more chunks name first, then by when they are first said."""
    groups: dict[tuple[str, ...], list[Term]] = {}
    for term in candidates:
        groups.setdefault(tuple(tokens(term.text)), []).append(term)
    ranked = sorted(groups.values(), key=lambda g: (not g[0].verified, -len(g), g[0].start or 0.0))
    return tuple(group[0] for group in ranked[:limit])


def actions(candidates: Iterable[Action], limit: int) -> tuple[Action, ...]:
    distinct = {tuple(tokens(a.text)): a for a in reversed(list(candidates))}
    return tuple(sorted(distinct.values(), key=lambda a: (a.start is None, a.start or 0.0))[:limit])

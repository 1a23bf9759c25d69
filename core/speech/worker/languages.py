"""Detect the language of each piece of a chunk: by evidence from slices of it, with inertia for the language before it.

    slices of some three seconds ─► probabilities of languages ─► the likeliest path, with a cost for each change ─► runs

A word or a name in another language changes nothing; some six seconds of it do, and are then decoded in that language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.speech.audio.chunks import SpeechChunk
from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE, Span

SLICE_SECONDS = 3.0
# A language counts as spoken when some slice has this probability of it.
PLAIN = 0.6
# Log-probability that a change of language costs: one slice, however sure, is not enough to leave and to come back.
CHANGE = 3.5
FLOOR = 0.01
# A slice's border is moved to the quietest place within this many seconds.
SEARCH = 1.2
FRAME = 480


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of one span of a chunk. `span` are samples of the stretch, `begin` and `end` seconds of the chunk."""

    span: Span
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def slices(chunk: SpeechChunk) -> list[Slice]:
    """Divide every span into equal parts of about three seconds."""
    found, passed = [], 0.0
    for begin, end in chunk.spans:
        count = max(round((end - begin) / RATE / SLICE_SECONDS), 1)
        edges = [begin + (end - begin) * i // count for i in range(count + 1)]
        for first, last in pairwise(edges):
            found.append(Slice((first, last), passed, passed + (last - first) / RATE))
            passed += (last - first) / RATE
    return found


def path(probabilities: Sequence[Mapping[str, float]], seconds: Sequence[float], before: str | None) -> list[str]:
    """Return each slice's likeliest language, given that of the speech before; `before` where none is probable enough."""
    plain = {name for row in probabilities for name, p in row.items() if p >= PLAIN}
    candidates = sorted(plain | ({before} if before else set()))
    if not candidates:
        totals: dict[str, float] = {}
        for row, length in zip(probabilities, seconds, strict=True):
            for name, p in row.items():
                totals[name] = totals.get(name, 0.0) + p * length
        candidates = [max(totals, key=lambda name: totals[name])]
    costs = {name: 0.0 if before in (None, name) else CHANGE for name in candidates}
    came_from: list[dict[str, str]] = []
    for row, length in zip(probabilities, seconds, strict=True):
        weight = min(length / SLICE_SECONDS, 1.5)
        cheapest = min(costs, key=lambda name: costs[name])
        step: dict[str, str] = {}
        following: dict[str, float] = {}
        for name in candidates:
            stays = costs[name] <= costs[cheapest] + CHANGE
            step[name] = name if stays else cheapest
            following[name] = min(costs[name], costs[cheapest] + CHANGE) - weight * math.log(max(row.get(name, 0.0), FLOOR))
        came_from.append(step)
        costs = following
    at = min(costs, key=lambda name: costs[name])
    names = []
    for step in reversed(came_from):
        names.append(at)
        at = step[at]
    return names[::-1]


def divide(parts: Sequence[Slice], names: Sequence[str], stretch: Samples) -> list[tuple[str, tuple[Span, ...]]]:
    """Return (language, spans) of each run in one language. A span that changes its language in its middle is cut where it is
    quietest nearby."""
    runs: list[tuple[str, list[Span]]] = []
    for part, name in zip(parts, names, strict=True):
        if not runs or runs[-1][0] != name:
            runs.append((name, []))
        spans = runs[-1][1]
        if spans and spans[-1][1] == part.span[0]:
            spans[-1] = (spans[-1][0], part.span[1])
        else:
            spans.append(part.span)
    for (_, one), (_, other) in pairwise(runs):
        if one[-1][1] == other[0][0]:
            at = quietest(stretch, one[-1], other[0])
            one[-1], other[0] = (one[-1][0], at), (at, other[0][1])
    return [(name, tuple(spans)) for name, spans in runs]


def quietest(stretch: Samples, one: Span, other: Span) -> int:
    """Return a sample near the border of two spans that touch, where it is quietest."""
    border, reach = one[1], int(SEARCH * RATE)
    first, last = max(one[0] + FRAME, border - reach), min(other[1] - FRAME, border + reach)
    count = (last - first) // FRAME
    if count < 2:
        return border
    frames = stretch[first : first + count * FRAME].reshape(count, FRAME)
    return first + int(np.argmin((frames**2).mean(axis=1))) * FRAME + FRAME // 2

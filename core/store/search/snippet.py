"""Cut the part to show out of a long text with hits."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.shortening import after, before

SNIPPET = 220
LEAD = 60


def cut(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return at most SNIPPET characters around the first mark, cut between words, and the marks within."""
    if len(text) <= SNIPPET:
        return text, list(marks)
    first, reach = marks[0] if marks else (0, 0)
    start = max(0, min(first - LEAD, len(text) - SNIPPET))
    start = min(after(text, start), first) if start else 0
    end = min(len(text), start + SNIPPET)
    end = max(before(text, end), min(reach, end)) if end < len(text) else end
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    start, end = _bare(text, start, end)
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start]
    return head + text[start:end] + tail, inside


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place without the spaces at its ends."""
    piece = text[start:end]
    return end - len(piece.lstrip()), start + len(piece.rstrip())

"""Cut the part to show out of a long text with hits."""

from __future__ import annotations

from collections.abc import Sequence

SNIPPET = 220
LEAD = 60


def cut(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return at most SNIPPET characters around the first mark, cut at word boundaries if there are any, and the marks within."""
    if len(text) <= SNIPPET:
        return text, list(marks)
    first = marks[0][0] if marks else 0
    start = max(0, min(first - LEAD, len(text) - SNIPPET))
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + SNIPPET)
    if end < len(text):
        space = text.rfind(" ", max(start + SNIPPET // 2, min(marks[0][1], end) if marks else 0), end)
        end = space if space > 0 else end
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start]
    return head + text[start:end] + tail, inside

"""Parts of a page that follow the queue: drawn anew every two seconds while something moves, not at all when nothing does.

counts ─▶ interval ─▶ fragment(run_every) ─▶ draw ─▶ other interval, before or behind it? ─▶ the page once more, with the new one
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core import app
from core.domain.jobs.job import State
from core.errors import Restoring
from pages.shared import actions
from pages.visitor import me

MOVING = 2.0
WAITING = 5.0


def interval(counts: Mapping[State, int]) -> float | None:
    """Seconds between two looks. What waits for the outside, and what is queued behind it, goes on later by itself."""
    waiting = counts.get(State.WAITING, 0) > 0
    if counts.get(State.RUNNING, 0) or (counts.get(State.QUEUED, 0) and not waiting):
        return MOVING
    return WAITING if waiting else None


def queue_interval() -> float | None:
    return interval(app.current().queue.episode_counts(me()))


def follow(draw: Callable[[], None], every: Callable[[], float | None] = queue_interval) -> None:
    """Draws a part and keeps it up to date. Widgets of the part are drawn by `draw` alone."""
    now = every()

    @st.fragment(run_every=now)
    def part() -> None:
        try:
            # Looked at on both sides: what begins and ends beside a draw would stand there as if it went on.
            before = every()
            draw()
            changed = not (before == every() == now)
        except Restoring:
            changed = True  # the whole page says so, and comes back by itself
        if changed:
            st.rerun()
        actions.tell()

    part()

"""Parts of a page that follow the queue: fragments that rerun every two seconds while jobs are active, and never when none are.

counts ─▶ interval ─▶ fragment(run_every) ─▶ draw ─▶ interval changed before or after it? ─▶ rerun the page with the new interval
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core import app
from core.domain.jobs.job import State
from core.errors import CastMindError, Restoring
from pages.shared import actions
from pages.shared.escape_markdown import plain
from pages.text import error_text
from pages.visitor import me

MOVING = 2.0
WAITING = 5.0


def interval(counts: Mapping[State, int]) -> float | None:
    """Return the seconds between two refreshes. Waiting jobs, and those queued behind them, continue later by themselves."""
    waiting = counts.get(State.WAITING, 0) > 0
    if counts.get(State.RUNNING, 0) or (counts.get(State.QUEUED, 0) and not waiting):
        return MOVING
    return WAITING if waiting else None


def queue_interval() -> float | None:
    """Return the interval of pages that show the library: they also show when better notes have come."""
    queue = app.current().queue
    return interval(queue.episode_counts(me())) or (WAITING if queue.held(me()) else None)


def follow(draw: Callable[[], None], every: Callable[[], float | None] = queue_interval) -> None:
    """Draw a part and keep it up to date. Only `draw` draws widgets of the part."""
    now = every()

    @st.fragment(run_every=now)
    def part() -> None:
        try:
            # Read before and after: a job that begins or ends during a draw would otherwise be shown in its old state.
            before = every()
            draw()
            changed = not (before == every() == now)
        except Restoring:
            changed = True  # the whole page shows the restore, and returns by itself
        except CastMindError as error:
            # As the shell does around a whole page: a session that ended, a role that was taken away.
            st.error(plain(error_text(error.to_dict()), 1000), icon=":material/error:")
            changed = False
        if changed:
            st.rerun()
        actions.tell()

    part()

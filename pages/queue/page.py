"""The queue: a card an episode with its stages, the running job, the reason why it waits or failed, and its actions.

actions on all (pause, cancel, retry) ─▶ view ─┬─▶ held: the same wait of several, folded into one card
                                               └─▶ live cards: running ─ queued ─ waiting | failed | done
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.services.jobs.queue import VIEWS
from pages.library import selecting
from pages.queue import held, queue_cards
from pages.shared import actions, auto_refresh, background_tasks, url_state
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.listed import Listed
    from core.domain.jobs.waits import Held

LIMIT = 100
_CANCELLED, _SHOWN = "queue.cancelled", "queue.shown"


def view() -> str:
    return url_state.segments(
        "show", list(VIEWS), default="open", label=t("queue.show"), wording=lambda name: t(f"queue.view.{name}")
    )


def listing(chosen: str) -> None:
    background_tasks.go_on()
    _for_all()
    folded = held.groups() if chosen == "open" else []
    with st.container(key="queue-held", gap="small"):
        held.draw(folded)
    limit = LIMIT * int(st.session_state.setdefault(_SHOWN, {}).get(chosen, 1))
    work = _work(chosen, folded, limit)
    if not work and not folded:
        st.info(t(f"queue.empty.{chosen}"), icon=":material/inbox:")
    queue_cards.mount([*work[:limit], *held.unfolded(folded)])
    if len(work) > limit:
        _more(chosen, limit)


def _work(chosen: str, folded: Sequence[Held], limit: int) -> list[Listed]:
    """Return the episodes of a view with a card of their own, one more than are shown if there are more."""
    apart = held.hidden(folded) | {item.episode.id for item in held.unfolded(folded)}
    work = app.current().queue.work(me(), chosen, limit=limit + 1 + len(apart))
    return [item for item in work if item.episode.id not in apart][: limit + 1]


def _more(chosen: str, shown: int) -> None:
    st.caption(t("queue.first_of_many", n=shown))
    actions.button(t("queue.more"), lambda: _show_more(chosen), key="queue.more", icon=":material/expand_more:")


def _show_more(chosen: str) -> None:
    pages = st.session_state[_SHOWN]
    pages[chosen] = pages.get(chosen, 1) + 1


# --- for all ------------------------------------------------------------------------------------------


def _for_all() -> None:
    """Draw the actions on all. The containers above the cards are always the same, so that the cards stay mounted."""
    queue, counts = app.current().queue, app.current().queue.episode_counts(me())
    with st.container(key="queue-paused"):
        if queue.paused(me()):
            st.warning(t("queue.paused"), icon=":material/pause_circle:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue-all"):
        if queue.paused(me()):
            actions.button(
                t("queue.resume"), partial(queue.resume, me()), key="queue.resume", icon=":material/play_arrow:", type="primary"
            )
        elif counts.get(State.RUNNING, 0) + counts.get(State.QUEUED, 0) + counts.get(State.WAITING, 0):
            actions.button(t("queue.pause"), partial(queue.pause, me()), key="queue.pause", icon=":material/pause:")
        if counts.get(State.QUEUED, 0) + counts.get(State.WAITING, 0):
            actions.button(t("queue.cancel_all"), _cancel_all, key="queue.cancel_all", icon=":material/close:")
        if st.session_state.get(_CANCELLED):
            actions.button(
                t("queue.undo_cancel", n=len(st.session_state[_CANCELLED])),
                _undo_cancel,
                key="queue.undo",
                icon=":material/undo:",
            )
        if counts.get(State.FAILED, 0):
            actions.button(
                t("queue.retry_all", n=counts[State.FAILED]), _retry_all, key="queue.retry_all", icon=":material/replay:"
            )


def _cancel_all() -> None:
    """Cancel the queued and waiting jobs; running ones continue. Remember their episodes for the undo."""
    selection = app.current().bulk_actions
    chosen = [number for state in (State.QUEUED, State.WAITING) for number in selection.ids(me(), Filter(state=state))]
    selecting.carry_out("cancel", chosen)
    st.session_state[_CANCELLED] = chosen


def _undo_cancel() -> None:
    selecting.carry_out("retry", st.session_state.pop(_CANCELLED))


def _retry_all() -> None:
    selecting.retry_failed()


def draw() -> None:
    st.title(t("nav.queue"))
    st.caption(t("queue.body"))
    chosen = view()
    with st.container(key="queue-under-way"):
        background_tasks.draw(*background_tasks.LIBRARY)
    auto_refresh.follow(lambda: listing(chosen))


draw()

"""The queue: a card an episode with its stages, the running job, the reason why it waits or failed, and its actions.

view ─▶ queue_cards (component): actions on all, held waits, cards: running ─ queued ─ waiting | failed | done
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.services.jobs.queue import VIEWS
from pages.queue import held, queue_cards
from pages.schedules import resting
from pages.shared import actions, auto_refresh, background_tasks, url_state
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.listed import Listed
    from core.domain.jobs.waits import Held

LIMIT = 100
_SHOWN = "queue.shown"


def view() -> str:
    return url_state.segments(
        "show", list(VIEWS), default="open", label=t("queue.show"), wording=lambda name: t(f"queue.view.{name}")
    )


def listing(chosen: str) -> None:
    background_tasks.go_on()
    resting.draw("queue")
    folded = held.groups() if chosen == "open" else []
    limit = LIMIT * int(st.session_state.setdefault(_SHOWN, {}).get(chosen, 1))
    work = _work(chosen, folded, limit)
    empty = "" if work or folded else t(f"queue.empty.{chosen}")
    queue_cards.mount([*work[:limit], *held.unfolded(folded)], folded, empty=empty)
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


def draw() -> None:
    st.title(t("nav.queue"))
    st.caption(t("queue.body"))
    chosen = view()
    with st.container(key="queue-under-way"):
        background_tasks.draw(*background_tasks.LIBRARY)
    auto_refresh.follow(lambda: listing(chosen))


draw()

"""Episodes that wait for the same condition outside, folded into one card each: how many, why, the remedy, and acts on all.

castmind.queue.held ─▶ worth folding? ─▶ a card ─▶ Show them: their own cards below ─▶ Try again, Cancel: for all of them
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.library import selecting
from pages.shared import actions, jobs
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.listed import Listed
    from core.domain.jobs.waits import Held

# Below this number episodes have cards of their own, unless they only wait for better notes.
WORTH_FOLDING = 2
SHOWN = 100
_UNFOLDED = "queue.unfolded"


def groups() -> list[Held]:
    """Return the conditions whose episodes are folded."""
    return [each for each in app.current().queue.held(me()) if each.better_notes or each.count >= WORTH_FOLDING]


def draw(folded: Iterable[Held]) -> None:
    for each in folded:
        _card(each)


def hidden(folded: Iterable[Held]) -> set[int]:
    """Return the episodes that have no card of their own: those of the conditions that are not unfolded."""
    queue = app.current().queue
    return {number for each in folded if not _unfolded(each) for number in queue.held_episodes(me(), each)}


def unfolded(folded: Iterable[Held]) -> list[Listed]:
    """Return the episodes of the conditions that the reader unfolded, up to a hundred each."""
    queue = app.current().queue
    ids = [number for each in folded if _unfolded(each) for number in queue.held_episodes(me(), each, limit=SHOWN)]
    return queue.shown(me(), ids)


def _name(held: Held) -> str:
    return f"{held.condition}.{held.stage}"


def _unfolded(held: Held) -> bool:
    return _name(held) in st.session_state.get(_UNFOLDED, ())


def _turn(held: Held) -> None:
    st.session_state[_UNFOLDED] = set(st.session_state.get(_UNFOLDED, ())) ^ {_name(held)}


def _card(held: Held) -> None:
    name = _name(held)
    with st.container(border=True, key=f"held-{name}", gap="small"):
        count = t("held.better" if held.better_notes else "held.waiting", n=f"{held.count:,}")
        st.markdown(f"**{count}**  \n{plain(error_text(held.error), 1000)}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page = jobs.remedy_page(held.error)
            if page:
                st.page_link(f"{page}/page.py", label=t(f"job.to_{page}"), icon=":material/arrow_forward:")
            label = t("held.hide") if _unfolded(held) else t("held.show")
            actions.button(label, partial(_turn, held), key=f"held.turn.{name}", type="tertiary")
            actions.button(t("held.retry"), partial(_all, "retry", held), key=f"held.retry.{name}", icon=":material/replay:")
            actions.button(t("held.cancel"), partial(_all, "cancel", held), key=f"held.cancel.{name}", icon=":material/close:")


def _all(action: str, held: Held) -> None:
    selecting.carry_out(action, app.current().queue.held_episodes(me(), held))

"""Episodes that wait for the same condition outside, folded into one card each: how many, why, the remedy, and acts on all.

castmind.queue.held ─▶ worth folding? ─▶ data of a card (held_cards.js) ─▶ Show episodes: their own cards below
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from pages.shared import jobs
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


def cards(folded: Iterable[Held]) -> list[dict[str, Any]]:
    """Return the data of their cards; `ids` are all episodes of a condition."""
    return [_card(each) for each in folded]


def hidden(folded: Iterable[Held]) -> set[int]:
    """Return the episodes that have no card of their own: those of the conditions that are not unfolded."""
    queue = app.current().queue
    return {number for each in folded if not _unfolded(each) for number in queue.held_episodes(me(), each)}


def unfolded(folded: Iterable[Held]) -> list[Listed]:
    """Return the episodes of the conditions that the reader unfolded, up to a hundred each."""
    queue = app.current().queue
    ids = [number for each in folded if _unfolded(each) for number in queue.held_episodes(me(), each, limit=SHOWN)]
    return queue.shown(me(), ids)


def turn(name: str) -> None:
    """Unfold or fold the episodes of the condition of that name. A callback may call it."""
    st.session_state[_UNFOLDED] = set(st.session_state.get(_UNFOLDED, ())) ^ {name}


def _name(held: Held) -> str:
    return f"{held.condition}.{held.stage}"


def _unfolded(held: Held) -> bool:
    return _name(held) in st.session_state.get(_UNFOLDED, ())


def _card(held: Held) -> dict[str, Any]:
    return {
        "name": _name(held),
        "said": t("held.better" if held.better_notes else "held.waiting", n=f"{held.count:,}"),
        "reason": error_text(held.error)[:1000],
        "remedy": jobs.remedy_link(held.error),
        "ids": app.current().queue.held_episodes(me(), held),
        "unfolded": _unfolded(held),
    }

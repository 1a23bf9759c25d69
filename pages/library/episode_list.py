"""The library's list as one component: widgets of Streamlit's own would cost each of fifty rows half a dozen of them.

episodes.data ─▶ component ─ trigger `asked` [{act, ids}] ─▶ wish() ─▶ selecting.act

The rows are real links: a middle click opens a new tab; a plain one changes the page inside the app, and the sound plays on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.shared.component_source import source

KEY = "episodes"
_SCRIPTS = ("shared/page.js", "shared/kept_parts.js", "episode_row.js", "episode_list.js")

_component = st.components.v2.component(
    "castmind_episodes",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, "episode_list.css"),
)


@dataclass(frozen=True, slots=True)
class ListAction:
    """What the reader asks for; `ids` is None when all episodes are meant that the filters leave."""

    act: str
    ids: tuple[int, ...] | None


def mount(data: dict[str, Any], asked: Callable[[], None]) -> None:
    # In a list: a dictionary would be searched for data frames, and that loads pandas for good.
    _component(key=KEY, data=[data], on_asked_change=asked)


def wish() -> ListAction | None:
    """What was asked, inside the callback. It comes from the browser, so nothing is taken for granted."""
    said = st.session_state[KEY].get("asked")
    match said:
        case [{"act": str(act), "ids": None}]:
            return ListAction(act, None)
        case [{"act": str(act), "ids": list(ids)}] if all(type(number) is int for number in ids):
            return ListAction(act, tuple(ids))
    return None

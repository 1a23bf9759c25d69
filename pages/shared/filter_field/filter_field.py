"""A field that filters a list while the reader types. Its words are kept in the URL.

    key press ─▶ component ─ 120 ms later: state `typed` {n, words} ─▶ rerun ─▶ draw ─▶ `?name=` ─▶ the page's filter
                     ▲                                                  │
                     └──── value, of the URL: Back, a link, a button ◀──┘

One stay in the field makes one entry of the browser's history, however much is typed in it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared.component_source import component
from pages.text import t

LONGEST = 500

_component = component(
    "castmind_filter_field", __file__, scripts=("shared/page.js", "filter_field.js"), styles=("filter_field.css",)
)


def draw(name: str, key: str, *, label: str, hint: str) -> str:
    """Draw the field of `?name=` and return its words. `label` names it for screen readers, `hint` is shown while it is empty."""
    number, words = _current(name, key)
    given = data(name, label=label, hint=hint) | {"words": words, "number": number}
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=key, data=[given], on_typed_change=lambda: None)
    return words


def data(name: str, *, label: str, hint: str) -> dict[str, Any]:
    """Return the data of an empty field, as JSON types."""
    return {"name": name, "words": "", "number": 0, "label": label, "hint": hint, "clear": t("filter.clear")}


def _current(name: str, key: str) -> tuple[float, str]:
    """Return the number of the last input and the words: what was typed since the last run, or else what the URL says."""
    asked, handled = st.query_params.get(name, ""), f"{key}.handled"
    last = float(st.session_state.get(handled, 0))
    match _typed(key):
        case {"n": int() | float() as number, "words": str(typed)} if number != last:
            st.session_state[handled] = number
            return float(number), _keep(name, asked, typed.strip()[:LONGEST])
    return last, asked[:LONGEST]


def _typed(key: str) -> object:
    state: dict[str, Any] = st.session_state.get(key) or {}
    return state.get("typed")


def _keep(name: str, asked: str, words: str) -> str:
    if words and words != asked:
        st.query_params[name] = words
    elif not words:
        st.query_params.pop(name, None)
    return words

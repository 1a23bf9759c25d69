"""What a page shows stands in its address, in words that are the same in every language: it can be linked, kept, reloaded.

    address ─▶ begin ─▶ the widget's value ─▶ the widget ─▶ keep ─▶ address

Whichever changed since the last run counts: the address (a link, a button, the browser's history) or the widget. Not by
callbacks of widgets: one that is called while the reader turns to another page would write into that page's address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def begin(name: str, key: str, accepts: Callable[[str], bool], default: str = "") -> None:
    """Gives the widget of this key its value, if the address says another than at the last run."""
    asked = st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(_asked(key)) != asked:
        st.session_state[key] = asked if accepts(asked) else default
        st.session_state[_asked(key)] = asked


def keep(name: str, key: str, value: str, accepts: Callable[[str], bool], default: str = "") -> str:
    """Writes what the widget holds into the address; the default, and what nobody understands, is left as it stands."""
    asked = st.query_params.get(name, "")
    if value != (asked if accepts(asked) else default):
        if value == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
    st.session_state[_asked(key)] = st.query_params.get(name, "")
    return value


def segments(name: str, options: Sequence[str], *, default: str, label: str, wording: Callable[[str], str]) -> str:
    """A row of choices, one of which holds; `?name=` says which."""
    begin(name, name, options.__contains__, default)
    chosen = st.segmented_control(label, options, required=True, key=name, format_func=wording, label_visibility="collapsed")
    return keep(name, name, chosen or default, options.__contains__, default)


def _asked(key: str) -> str:
    return f"{key}.asked"

"""The state of a page in its URL, in words that are the same in every language: it can be linked, bookmarked, reloaded.

    URL ─▶ begin ─▶ the widget's value ─▶ the widget ─▶ keep ─▶ URL

Whichever changed since the last run counts: the URL (a link, a button, the browser's history) or the widget. Callbacks of widgets
are not used: one that runs while the reader turns to another page would write into that page's URL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def begin(name: str, key: str, accepts: Callable[[str], bool], default: str = "") -> None:
    """Set the value of this key's widget, if the URL's value differs from the last run's."""
    asked = st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(_asked(key)) != asked:
        st.session_state[key] = asked if accepts(asked) else default
        st.session_state[_asked(key)] = asked


def keep(name: str, key: str, value: str, accepts: Callable[[str], bool], default: str = "") -> str:
    """Write the widget's value into the URL; the default and an unaccepted value leave it as it stands."""
    asked = st.query_params.get(name, "")
    if value != (asked if accepts(asked) else default):
        if value == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
    st.session_state[_asked(key)] = st.query_params.get(name, "")
    return value


def segments(name: str, options: Sequence[str], *, default: str, label: str, wording: Callable[[str], str]) -> str:
    """Draw a segmented control with one active choice, kept in `?name=`."""
    begin(name, name, options.__contains__, default)
    chosen = st.segmented_control(label, options, required=True, key=name, format_func=wording, label_visibility="collapsed")
    return keep(name, name, chosen or default, options.__contains__, default)


def _asked(key: str) -> str:
    return f"{key}.asked"

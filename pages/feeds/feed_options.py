"""The transcription options of a feed: the number of old episodes, and whether new ones are transcribed automatically."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.text import t

MOST_OLD = 10_000


@dataclass(frozen=True, slots=True)
class Wishes:
    backlog: int
    auto: bool


def wishes(key: str, backlog: int, *, auto: bool, help: str | None = None) -> Wishes:
    """Draw the two widgets; the arguments are their initial values."""
    if f"{key}.backlog" not in st.session_state:
        answer(key, backlog, auto=auto)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(t("feeds.backlog"), 0, MOST_OLD, key=f"{key}.backlog", help=help, width=220)
        st.toggle(t("feeds.auto"), key=f"{key}.auto", width="content")
    return entered(key)


def answer(key: str, backlog: int, *, auto: bool) -> None:
    """Set the values of the widgets. Call it before they are drawn, or in a callback."""
    st.session_state[f"{key}.backlog"] = backlog
    st.session_state[f"{key}.auto"] = auto


def entered(key: str) -> Wishes:
    """Return the current values of the widgets drawn with that key. For a callback."""
    return Wishes(int(st.session_state[f"{key}.backlog"] or 0), bool(st.session_state[f"{key}.auto"]))

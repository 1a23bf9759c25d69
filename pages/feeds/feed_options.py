"""What is done with a feed's episodes: how many old ones are transcribed, and whether new ones are by themselves."""

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
    """Draws the two questions, at first with these answers."""
    if f"{key}.backlog" not in st.session_state:
        answer(key, backlog, auto=auto)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(t("feeds.backlog"), 0, MOST_OLD, key=f"{key}.backlog", help=help, width=220)
        st.toggle(t("feeds.auto"), key=f"{key}.auto", width="content")
    return entered(key)


def answer(key: str, backlog: int, *, auto: bool) -> None:
    """Before they are drawn, or in a callback: what shall stand there."""
    st.session_state[f"{key}.backlog"] = backlog
    st.session_state[f"{key}.auto"] = auto


def entered(key: str) -> Wishes:
    """For a callback: what stands there now, of the questions that were drawn with that key."""
    return Wishes(int(st.session_state[f"{key}.backlog"] or 0), bool(st.session_state[f"{key}.auto"]))

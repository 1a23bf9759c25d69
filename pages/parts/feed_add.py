"""Subscribing, by the way that the reader chose; `?add=` says which.

address   a feed's, or a page's that offers one ─┐
search    words ─▶ feed_search ──────────────────┼─▶ castmind.imports, in the background ─▶ feed_work tells how it goes
file      OPML of another program ─▶ feed_file ──┘
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.parts import acting, address, feed_access, feed_file, feed_search, feed_work
from pages.parts.feed_wishes import entered, wishes
from pages.text import t

WAYS = ("address", "search", "file")


def draw(*, newcomer: bool) -> None:
    """`newcomer`: there is no feed yet, and each way is explained."""
    way = address.segments("add", WAYS, default="address", label=t("feeds.way"), wording=lambda name: t(f"feeds.way.{name}"))
    if newcomer:
        st.caption(t(f"feeds.way.{way}.body"))
    {"address": _by_address, "search": feed_search.draw, "file": feed_file.draw}[way]()


def _by_address() -> None:
    values = app.current().preferences.values
    # A form that did its work is replaced by a fresh one; one that failed keeps what was typed.
    turn = st.session_state.setdefault("feeds.turn", 0)
    with st.form(_add(turn)):
        st.text_input(t("feeds.url"), key=f"feeds.url.{turn}", placeholder="https://…", help=t("feeds.url.help"))
        wishes(_add(turn), values.backlog, auto=values.auto_transcribe)
        with st.expander(t("feeds.access"), icon=":material/lock:"):
            st.caption(t("feeds.access.none"))
            feed_access.fields(_access(turn))
        # A callback: a page that is drawn anew at the same moment, because something ended, would lose a click.
        st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:", on_click=_begin, args=(turn,))


def _add(turn: int) -> str:
    return f"feeds.add.{turn}"


def _access(turn: int) -> str:
    return f"feeds.access.{turn}"


def _begin(turn: int) -> None:
    url = str(st.session_state.get(f"feeds.url.{turn}") or "").strip()
    if not url:
        return

    def begin() -> None:
        wanted, access = entered(_add(turn)), feed_access.entered(_access(turn)).access_of(url)
        begun = app.current().imports.add_address(url, auto_transcribe=wanted.auto, backlog=wanted.backlog, access=access)
        feed_work.imported(begun)

    if acting.attempt(begin):
        st.session_state["feeds.turn"] = turn + 1

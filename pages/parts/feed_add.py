"""Subscribing to a feed by its address.

address ─▶ add ─▶ its card in the list below
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.parts import acting, feed_access
from pages.text import t

MOST_OLD = 10_000


def draw() -> None:
    values = app.current().preferences.values
    # A form that did its work is replaced by a fresh one; one that failed keeps what was typed.
    turn = st.session_state.setdefault("feeds.turn", 0)
    with st.form(f"feeds.add.{turn}"):
        url = st.text_input(t("feeds.url"), key=f"feeds.url.{turn}", placeholder="https://…/feed.xml", help=t("feeds.url.help"))
        old, new = st.columns([1, 2], vertical_alignment="bottom")
        backlog = old.number_input(t("feeds.backlog"), 0, MOST_OLD, values.backlog, key=f"feeds.backlog.{turn}")
        auto = new.toggle(t("feeds.auto"), values.auto_transcribe, key=f"feeds.auto.{turn}")
        with st.expander(t("feeds.access"), icon=":material/lock:"):
            st.caption(t("feeds.access.none"))
            given = feed_access.fields(f"feeds.access.{turn}")
        sent = st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:")
    if not sent or not (url or "").strip():
        return
    with st.spinner(t("feeds.adding")):
        added = acting.attempt(
            lambda: app.current().subscriptions.add(
                url or "", auto_transcribe=auto, backlog=int(backlog or 0), access=given.access_of(url or "")
            ),
            t("feeds.added"),
        )
    if added:
        st.session_state["feeds.turn"] = turn + 1
        st.rerun()
    acting.tell()

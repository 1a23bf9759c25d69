"""Subscribing, by the way that the reader chose; `?add=` says which.

address   a feed's, or a page's that offers one ─┐
search    words ─▶ feed_search ──────────────────┼─▶ castmind.imports, in the background ─▶ feed_work tells how it goes
file      OPML of another program ─▶ feed_file ──┘
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.feeds import feed_credentials, feed_file, feed_search, feed_work
from pages.feeds.feed_options import answer, entered, wishes
from pages.shared import actions, url_state
from pages.text import t
from pages.visitor import me

WAYS = ("address", "search", "file")
_FORM, _URL, _ACCESS = "feeds.add", "feeds.url", "feeds.access"


def draw(*, newcomer: bool) -> None:
    """`newcomer`: there is no feed yet, and each way is explained."""
    way = url_state.segments("add", WAYS, default="address", label=t("feeds.way"), wording=lambda name: t(f"feeds.way.{name}"))
    if newcomer:
        st.caption(t(f"feeds.way.{way}.body"))
    {"address": _by_address, "search": feed_search.draw, "file": feed_file.draw}[way]()


def _by_address() -> None:
    values = app.current().settings.values
    with st.form(_FORM):
        st.text_input(t("feeds.url"), key=_URL, placeholder="https://…", help=t("feeds.url.help"))
        wishes(_FORM, values.backlog, auto=values.auto_transcribe)
        with st.expander(t("feeds.access"), icon=":material/lock:"):
            st.caption(t("feeds.access.none"))
            feed_credentials.fields(_ACCESS)
        # A callback: a page that is drawn anew at the same moment, because something ended, would lose a click.
        st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:", on_click=_begin)


def _begin() -> None:
    """Asks for the feed and empties the form; one that was refused keeps what was typed.

    The same fields stay: fresh ones would move what stands below while they are mounted, and a press on it would miss.
    """
    url = str(st.session_state.get(_URL) or "").strip()
    if not url:
        return

    def begin() -> None:
        wanted, access = entered(_FORM), feed_credentials.entered(_ACCESS).access_of(url)
        begun = app.current().imports.add_address(me(), url, auto_transcribe=wanted.auto, backlog=wanted.backlog, access=access)
        feed_work.imported(begun)

    if actions.attempt(begin):
        values = app.current().settings.values
        st.session_state[_URL] = ""
        answer(_FORM, values.backlog, auto=values.auto_transcribe)
        feed_credentials.clear(_ACCESS)

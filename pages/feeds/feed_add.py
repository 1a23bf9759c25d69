"""Subscribing, by the method that the reader chose in `?add=`.

address   a feed's, or that of a page with a feed ──┐
search    words ─▶ feed_search ─────────────────────┼─▶ castmind.imports, in the background ─▶ feed_work shows its progress
file      OPML of another program ─▶ feed_file ─────┘
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
    """Draw the forms. `newcomer`: there is no feed yet, so each method is explained."""
    way = url_state.segments("add", WAYS, default="address", label=t("feeds.way"), wording=lambda name: t(f"feeds.way.{name}"))
    if newcomer:
        st.caption(t(f"feeds.way.{way}.body"))
    {"address": _by_address, "search": feed_search.draw, "file": feed_file.draw}[way]()


def _by_address() -> None:
    values = app.current().settings.values
    with st.form(_FORM):
        st.text_input(t("feeds.url"), key=_URL, placeholder="https://…", help=t("feeds.url.help"))
        actions.fault(_URL)
        wishes(_FORM, values.backlog, auto=values.auto_transcribe)
        with st.expander(t("feeds.access"), icon=":material/lock:"):
            st.caption(t("feeds.access.none"))
            feed_credentials.fields(_ACCESS)
        actions.fault(_ACCESS)
        # A callback: a rerun at the same moment, because another task ended, would lose the click.
        st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:", on_click=_begin)


def _begin() -> None:
    """Begin the import and empty the form; a refused form keeps its input.

    The same fields stay: new ones would shift the content below while they mount, and a click on it would miss.
    """
    url = str(st.session_state.get(_URL) or "").strip()
    if not actions.attempt(lambda: app.current().imports.check_address(me(), url), field=_URL):
        return

    def begin() -> None:
        wanted, credentials = entered(_FORM), feed_credentials.entered(_ACCESS).credentials_of(url)
        begun = app.current().imports.add_address(
            me(), url, auto_transcribe=wanted.auto, backlog=wanted.backlog, credentials=credentials
        )
        feed_work.imported(begun)

    if actions.attempt(begin, field=_ACCESS):
        values = app.current().settings.values
        st.session_state[_URL] = ""
        answer(_FORM, values.backlog, auto=values.auto_transcribe)
        feed_credentials.clear(_ACCESS)

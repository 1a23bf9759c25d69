"""Subscribing, by the method that the reader chose in `?add=`.

address   a feed's, or that of a page ─▶ feed_preview ─┐
search    words ─▶ feed_search ────────────────────────┼─▶ castmind.imports, in the background ─▶ feed_work shows its progress
file      OPML of another program ─▶ feed_file ────────┘
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.feeds import feed_credentials, feed_file, feed_preview, feed_search, feed_work
from pages.feeds.feed_options import answer, entered, wishes
from pages.shared import actions, url_state
from pages.text import t
from pages.visitor import me

WAYS = ("address", "search", "file")
_FORM, _URL, _ACCESS, _LOOK = "feeds.add", "feeds.url", "feeds.access", "feeds.look"


def draw(*, newcomer: bool) -> None:
    """Draw the forms: for a `newcomer`, without any feed, each with an explanation, else as a sheet that `?add=` opens."""
    if not newcomer and st.query_params.get("add") not in WAYS:
        st.page_link(
            "feeds/page.py", label=t("feeds.open"), query_params={"add": WAYS[0]}, icon=":material/add:", width="content"
        )
        return
    with st.container(border=not newcomer, key="feeds-sheet"):
        if not newcomer:
            _title()
        # The default stays out of the URL: a sheet has none, because without `?add=` it is closed.
        default = WAYS[0] if newcomer else ""
        way = url_state.segments("add", WAYS, default=default, label=t("feeds.way"), wording=lambda name: t(f"feeds.way.{name}"))
        if newcomer:
            st.caption(t(f"feeds.way.{way}.body"))
        {"address": _by_address, "search": feed_search.draw, "file": feed_file.draw}[way]()


def _title() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(t("feeds.open"), anchor=False)
        st.page_link("feeds/page.py", label=t("feeds.preview.close"), icon=":material/close:", width="content")


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
        # Callbacks: a rerun at the same moment, because another task ended, would lose the click.
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(t("feeds.preview"), on_click=_look)
            st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:", on_click=_begin)
    if st.session_state.pop(_LOOK, False):
        url = _url()
        actions.attempt(
            lambda: feed_preview.look(_FORM, url, feed_credentials.entered(_ACCESS).credentials_of(url), field=_URL),
            field=_ACCESS,
        )
    _previewed()


def _url() -> str:
    return str(st.session_state.get(_URL) or "").strip()


def _look() -> None:
    """Have this run fetch the preview, below the form; a refused address keeps its input."""
    feed_preview.close()
    st.session_state[_LOOK] = actions.attempt(lambda: app.current().imports.check_address(me(), _url()), field=_URL)


def _previewed() -> None:
    """Draw what the address shows: a podcast, or the podcasts of a web page, each with a button that subscribes."""
    match feed_preview.seen(_FORM):
        case None:
            return
        case list() as shows:
            st.caption(t("feeds.preview.several", n=len(shows)))
            feed_search.draw_shows(shows)
        case preview:
            feed_preview.draw(_FORM, preview)


def _begin() -> None:
    """Begin the import and empty the form; a refused form keeps its input.

    The same fields stay: new ones would shift the content below while they mount, and a click on it would miss.
    """
    url = _url()
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
        feed_preview.close()
        answer(_FORM, values.backlog, auto=values.auto_transcribe)
        feed_credentials.clear(_ACCESS)

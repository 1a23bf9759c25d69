"""The library: how audio gets in at the top, every episode below, the newest first.

uploader, address ─┬─▶ first steps ─▶ filters ─▶ live list ─▶ more
                   └─ nothing yet? ─▶ the sample ─▶ first steps
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core import app
from core.domain.job import State
from pages.parts import acting, episodes, first_steps, live, uploader
from pages.text import t

PAGE = 50


def _import_address() -> None:
    url = str(st.session_state.get("library.address") or "").strip()
    if url and acting.attempt(lambda: app.current().arrivals.import_address(url), t("library.imported")):
        st.session_state["library.address"] = ""


def bring_in() -> None:
    uploader.draw()
    with st.expander(t("library.by_address"), icon=":material/link:"), st.form("library.import", border=False):
        st.text_input(t("library.address"), key="library.address", type="url", placeholder="https://…")
        st.form_submit_button(t("library.import"), on_click=_import_address)


def nothing_yet() -> None:
    st.subheader(t("library.empty.title"))
    st.markdown(t("library.empty.body"))
    acting.button(
        t("library.sample"),
        app.current().arrivals.add_sample,
        key="library.sample",
        type="primary",
        icon=":material/play_circle:",
        done=t("library.sample_added"),
    )
    st.caption(t("library.empty.sample"))


def _selected(name: str, options: Iterable[str]) -> str:
    """The key of the widget for one part of the selection. The address is the truth: a link to it sets the widget."""
    key, value = f"library.{name}", st.query_params.get(name, "")
    st.session_state[key] = value if name == "q" or value in options else ""
    return key


def _select(name: str) -> None:
    value = str(st.session_state.get(f"library.{name}") or "")
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def filters() -> episodes.Choice:
    """What of the library is shown; kept in the address, so that it can be linked and survives a reload."""
    feeds = {str(row.feed.id): row.feed.title for row in app.current().subscriptions.listing()}
    states = ["", *(s.value for s in State)]
    words, state, feed = st.columns([3, 2, 2])
    query = words.text_input(
        t("library.search"),
        key=_selected("q", ()),
        type="search",
        placeholder=t("library.search.hint"),
        on_change=_select,
        args=("q",),
    )
    chosen_state = state.selectbox(
        t("library.state"),
        states,
        key=_selected("state", states),
        format_func=lambda s: t(f"state.{s}") if s else t("library.any_state"),
        on_change=_select,
        args=("state",),
    )
    chosen_feed = feed.selectbox(
        t("library.feed"),
        ["", *feeds],
        key=_selected("feed", feeds),
        format_func=lambda i: feeds[i] if i else t("library.any_feed"),
        on_change=_select,
        args=("feed",),
    )
    return episodes.Choice(
        query=(query or "").strip(),
        state=State(chosen_state) if chosen_state else None,
        feed_id=int(chosen_feed) if chosen_feed else None,
    )


def draw() -> None:
    st.title(t("nav.library"))
    bring_in()
    if not app.current().library.count():
        live.follow(episodes.notice_arrivals, lambda: live.WAITING)
        nothing_yet()
        first_steps.draw()
        return
    first_steps.draw()
    choice = filters()
    live.follow(lambda: episodes.listing(choice, PAGE))


draw()

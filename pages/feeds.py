"""Feeds: subscribing to podcasts, how each one stands, and what is done with its episodes.

address ─▶ add ─▶ a card a feed: polled when, next when, error ─▶ refresh | change | remove
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.parts import acting, formats
from pages.parts.foreign import plain
from pages.text import error_text, t

if TYPE_CHECKING:
    from core.domain.feed import Feed
    from core.pipeline.subscriptions import FeedRow

MOST_OLD = 10_000


def add_form() -> None:
    values = app.current().preferences.values
    # A form that did its work is replaced by a fresh one; one that failed keeps what was typed.
    turn = st.session_state.setdefault("feeds.turn", 0)
    with st.form(f"feeds.add.{turn}"):
        url = st.text_input(t("feeds.url"), key=f"feeds.url.{turn}", placeholder="https://…/feed.xml", help=t("feeds.url.help"))
        old, new = st.columns([1, 2], vertical_alignment="bottom")
        backlog = old.number_input(t("feeds.backlog"), 0, MOST_OLD, values.backlog, key=f"feeds.backlog.{turn}")
        auto = new.toggle(t("feeds.auto"), values.auto_transcribe, key=f"feeds.auto.{turn}")
        sent = st.form_submit_button(t("feeds.add"), type="primary", icon=":material/add:")
    if not sent or not (url or "").strip():
        return
    with st.spinner(t("feeds.adding")):
        added = acting.attempt(
            lambda: app.current().subscriptions.add(url or "", auto_transcribe=auto, backlog=int(backlog or 0)),
            t("feeds.added"),
        )
    if added:
        st.session_state["feeds.turn"] = turn + 1
        st.rerun()
    acting.tell()


def card(row: FeedRow) -> None:
    feed = row.feed
    with st.container(border=True, key=f"feed-{feed.id}", gap="xsmall"):
        words, action = st.columns([5, 1.3], vertical_alignment="center")
        with words:
            st.page_link("library.py", label=f"**{plain(feed.title, 160)}**", query_params={"feed": str(feed.id)})
            st.caption(_facts(row))
        with action:
            _refresh_button(feed)
        if feed.description:
            st.caption(plain(feed.description, 240))
        if feed.error:
            st.warning(plain(error_text(feed.error), 600), icon=":material/warning:")
        with st.expander(t("feeds.options"), icon=":material/tune:"):
            options(feed)


def _facts(row: FeedRow) -> str:
    feed = row.feed
    last = t("feeds.polled", time=formats.time_of(feed.last_polled_at)) if feed.last_polled_at else t("feeds.never")
    words = [t("feeds.episodes", n=row.episodes), last]
    if feed.next_poll_at:
        words.append(t("feeds.next", time=formats.time_of(feed.next_poll_at)))
    if feed.failures:
        words.append(t("feeds.failures", n=feed.failures))
    return " · ".join(words)


def _refresh_button(feed: Feed) -> None:
    if st.button(t("feeds.refresh"), key=f"feed.refresh.{feed.id}", icon=":material/refresh:", width="stretch"):
        with st.spinner(t("feeds.refreshing")):
            acting.attempt(lambda: app.current().subscriptions.refresh(feed.id))
        st.rerun()


def options(feed: Feed) -> None:
    with st.form(f"feed.options.{feed.id}", border=False):
        title = st.text_input(t("feeds.title"), feed.title, key=f"feed.title.{feed.id}", max_chars=300)
        old, new = st.columns([1, 2], vertical_alignment="bottom")
        backlog = old.number_input(t("feeds.backlog"), 0, MOST_OLD, feed.backlog, key=f"feed.backlog.{feed.id}")
        auto = new.toggle(t("feeds.auto"), feed.auto_transcribe, key=f"feed.auto.{feed.id}")
        saved = st.form_submit_button(t("feeds.save"), key=f"feed.save.{feed.id}")
    if saved:
        change = lambda: app.current().subscriptions.change(  # noqa: E731
            feed.id, title=title, auto_transcribe=auto, backlog=int(backlog or 0)
        )
        acting.attempt(change, t("feeds.saved"))
        st.rerun()
    st.text_input(t("feeds.address"), feed.url, disabled=True, key=f"feed.address.{feed.id}.{feed.url}")
    if st.button(t("feeds.remove"), key=f"feed.remove.{feed.id}", icon=":material/delete:"):
        confirm_removal(feed)


def confirm_removal(feed: Feed) -> None:
    @st.dialog(t("feeds.remove"))
    def dialog() -> None:
        st.markdown(t("feeds.remove.sure", title=plain(feed.title, 160)))
        episodes = st.toggle(t("feeds.remove.episodes"), key=f"feed.remove.episodes.{feed.id}")
        st.caption(t("feeds.remove.episodes.gone") if episodes else t("feeds.remove.episodes.stay"))
        yes, no = st.columns(2)
        if yes.button(t("feeds.remove.yes"), key=f"feed.remove.yes.{feed.id}", type="primary", width="stretch"):
            acting.attempt(lambda: app.current().subscriptions.remove(feed.id, episodes=episodes), t("feeds.removed"))
            st.rerun()
        if no.button(t("feeds.remove.no"), key=f"feed.remove.no.{feed.id}", width="stretch"):
            st.rerun()

    dialog()


def draw() -> None:
    st.title(t("nav.feeds"))
    add_form()
    rows = app.current().subscriptions.listing()
    for row in rows:
        card(row)
    if not rows:
        st.info(t("feeds.none"), icon=":material/rss_feed:")


draw()

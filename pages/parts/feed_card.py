"""A feed as a card: what it is, how it stands, and what can be changed about it.

header    title, episodes ······························ refresh
health    when it was read, when next, why it fails (feed_health)
options   (drawn only while they are open: sixty closed cards cost nothing)
          title, what is transcribed ─▶ further parts, a module each ─▶ address, unsubscribe
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.parts import acting, feed_access, feed_health
from pages.parts.feed_add import MOST_OLD
from pages.parts.foreign import plain
from pages.text import t

if TYPE_CHECKING:
    from core.domain.feed import Feed
    from core.pipeline.subscriptions import FeedRow


def draw(row: FeedRow) -> None:
    feed = row.feed
    with st.container(border=True, key=f"feed-{feed.id}", gap="xsmall"):
        header(row)
        feed_health.draw(row)
        unfolded = st.expander(t("feeds.options"), icon=":material/tune:", key=f"feed.unfolded.{feed.id}", on_change="rerun")
        if unfolded.open:
            with unfolded:
                options(row)


# --- header -------------------------------------------------------------------------------------


def header(row: FeedRow) -> None:
    feed = row.feed
    words, action = st.columns([5, 1.3], vertical_alignment="center")
    with words:
        icon, about = (":material/lock:", t("feeds.access.locked")) if row.access else (None, None)
        label = f"**{plain(feed.title, 160)}**"
        st.page_link("library.py", label=label, query_params={"feed": str(feed.id)}, icon=icon, help=about)
        if feed.description:
            st.caption(plain(feed.description, 240))
    with action:
        _refresh_button(feed)


def _refresh_button(feed: Feed) -> None:
    if st.button(t("feeds.refresh"), key=f"feed.refresh.{feed.id}", icon=":material/refresh:", width="stretch"):
        with st.spinner(t("feeds.refreshing")):
            acting.attempt(lambda: app.current().subscriptions.refresh(feed.id))
        st.rerun()


# --- options ------------------------------------------------------------------------------------


def options(row: FeedRow) -> None:
    """A further part takes the row, brings its own form, and is called here."""
    feed = row.feed
    _general(feed)
    feed_access.draw(row)
    _address(feed)


def _general(feed: Feed) -> None:
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


def _address(feed: Feed) -> None:
    st.text_input(t("feeds.address"), feed.url, disabled=True, key=f"feed.address.{feed.id}.{feed.url}")
    if st.button(t("feeds.remove"), key=f"feed.remove.{feed.id}", icon=":material/delete:"):
        _confirm_removal(feed)


def _confirm_removal(feed: Feed) -> None:
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

"""Feeds: subscribing to podcasts, the health of each one, and the options for its episodes.

feed_add (by URL, by words, from a file) ─▶ feed_work (running work, live) ─▶ feed_list ─▶ a grid of covers (feed_grid)
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.feeds import feed_add, feed_list, feed_work
from pages.text import t
from pages.visitor import may_edit, me


def draw() -> None:
    st.title(t("nav.feeds"))
    rows = app.current().subscriptions.listing(me())
    if not rows:
        st.header(t("feeds.empty.title"))
        st.markdown(t("feeds.empty.body" if may_edit() else "library.empty.viewer"))
    # These containers always exist: input typed in one stays when another changes.
    with st.container(key="feeds-add"):
        if may_edit():
            feed_add.draw(newcomer=not rows)
    with st.container(key="feeds-work"):
        if may_edit():
            feed_work.draw()
    if rows:
        feed_list.draw(rows)
    if may_edit():
        feed_list.removed()


draw()

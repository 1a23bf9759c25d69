"""Feeds: subscribing to podcasts, how each one stands, and what is done with its episodes.

feed_add ─▶ a card a feed (feed_card: header, health, options)
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.parts import feed_add, feed_card
from pages.text import t


def draw() -> None:
    st.title(t("nav.feeds"))
    feed_add.draw()
    rows = app.current().subscriptions.listing()
    for row in rows:
        feed_card.draw(row)
    if not rows:
        st.info(t("feeds.none"), icon=":material/rss_feed:")


draw()

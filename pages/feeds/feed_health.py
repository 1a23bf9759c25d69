"""A feed's health, in a line or two: its episodes, its last and next read, the reason of a failure, its announced new URL."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.domain.feeds.feed_address import shown
from pages.feeds import feed_address, feed_work
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, message_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.feeds.feed import Feed
    from core.services.feeds.subscriptions import FeedRow


def draw(row: FeedRow) -> None:
    st.caption(" · ".join([formats.episodes(row.episodes), *_times(row.feed)]))
    if row.feed.error:
        st.warning(plain(error_text(row.feed.error), 600), icon=":material/warning:")
        _remedies(row.feed)
    for remark in row.remarks:
        st.info(plain(message_text(remark), 600), icon=":material/info:")
    if row.feed.moves_to:
        # The URL can hold a key: show its host only.
        host = plain(urlsplit(row.feed.moves_to).hostname or "", 120)
        st.caption(f":material/move_down: {t('feeds.moving', host=host)}")


def _remedies(feed: Feed) -> None:
    """Draw the remedies for the error, a button each."""
    if feed.turned_away:

        def another() -> None:
            app.current().subscriptions.another_agent(me(), feed.id)
            feed_work.read(app.current().refresh.ask(me(), [feed.id]))

        actions.button(t("feeds.agent"), another, key=f"feed.agent.{feed.id}", needs=Role.MEMBER, icon=":material/badge:")

    for number, url in enumerate(feed.offered):

        def elsewhere(url: str = url) -> None:
            feed_address.change(feed.id, url)

        said = t("feeds.offered", address=plain(shown(url), 120))
        actions.button(said, elsewhere, key=f"feed.offered.{feed.id}.{number}", needs=Role.MEMBER, icon=":material/rss_feed:")


def _times(feed: Feed) -> Iterator[str]:
    """Yield the feed's times. A folder is never polled. The last successful read is named if a later one failed."""
    if "://" not in feed.url:
        return
    said = partial(formats.lately, now=time.time())
    yield t("feeds.polled", time=said(feed.last_polled_at)) if feed.last_polled_at else t("feeds.never")
    if feed.failures and feed.last_success_at:
        yield t("feeds.good", time=said(feed.last_success_at))
    if feed.failures:
        yield t("feeds.failures", n=feed.failures)
    if feed.next_poll_at:
        yield t("feeds.next", time=said(feed.next_poll_at))

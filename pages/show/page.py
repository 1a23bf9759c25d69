"""The page of one show: `?id=3`. Its picture and description, its people and rules, its health, its options, its episodes.

show_head (component) ─▶ health, running work ─▶ options (folded) ─▶ list of its episodes (pages/library/episodes)
"""

from __future__ import annotations

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter
from core.domain.feeds import feed_folder
from core.domain.feeds.folder_feed import is_local
from core.errors import NotFound
from core.services.feeds.subscriptions import FeedRow
from pages.feeds import feed_health, feed_work
from pages.library import episodes, selecting
from pages.library.filters import LibraryChoice
from pages.shared import auto_refresh, background_tasks, formats
from pages.shared.escape_markdown import plain
from pages.show import show_head, show_options
from pages.text import t
from pages.visitor import me


def draw() -> None:
    if st.session_state.pop(show_options.LEFT, False):
        st.switch_page("feeds/page.py")
    subscriptions = app.current().subscriptions
    try:
        row = subscriptions.get(me(), int(st.query_params.get("id", "")))
    except (NotFound, ValueError):
        _missing()
        return
    show_head.mount(row)
    # These containers always exist: the list below them stays mounted, and keeps its ticked boxes.
    with st.container(key="show-health"):
        _health(row)
    with st.container(key="show-work"):
        feed_work.draw()
        background_tasks.draw(*background_tasks.LIBRARY)
    with st.container(key="show-options"):
        _options(row)
    with st.container(key="library-dialogs"):
        selecting.ask()
    choice = LibraryChoice(Filter(feed_id=row.feed.id), holding={"feed": plain(row.feed.title, 80)})
    auto_refresh.follow(lambda: episodes.listing(choice))


def _missing() -> None:
    st.title(t("show.missing"), anchor=False)
    st.page_link("feeds/page.py", label=t("show.to_feeds"), icon=":material/arrow_back:")


def _health(row: FeedRow) -> None:
    if is_local(row.feed.url):
        st.caption(f"{formats.episodes(row.episodes)} · {t('feeds.local')}")
    else:
        feed_health.draw(row)


def _options(row: FeedRow) -> None:
    unfolded = st.expander(
        t("feeds.options"), icon=":material/tune:", key=show_options.unfolded_key(row.feed.id), on_change="rerun"
    )
    if unfolded.open:
        with unfolded:
            folders = {other.feed.folder for other in app.current().subscriptions.listing(me()) if other.feed.folder}
            show_options.draw(row, sorted(folders, key=feed_folder.in_order))


draw()

"""The subscribed feeds, as cards: searched by words, shown a page at a time.

?q= problems=1 ─▶ filters ─▶ cards, thirty more on request
        grouped by folder, as soon as a feed has one
above: read all, export        below: feeds unsubscribed this week, with a button to restore each
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core import app
from core.domain.feeds import feed_folder
from core.services.feeds.subscriptions import FeedRow
from core.services.feeds.unsubscribe import KEPT
from pages.feeds import feed_card, feed_file, feed_work
from pages.shared import actions, formats, url_state
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

A_PAGE = 30
# Below this number the search field is left out.
WORTH_SEARCHING = 8
_PAGES = "feeds.pages"


def draw(rows: Sequence[FeedRow]) -> None:
    with st.container(key="feeds-tools"):
        chosen = _tools(rows)
    shown = A_PAGE * int(st.session_state.setdefault(_PAGES, 1))
    waiting = app.current().refresh.state(me()).waiting
    folders = sorted({row.feed.folder for row in rows if row.feed.folder}, key=feed_folder.in_order)
    if folders:
        chosen = sorted(chosen, key=lambda row: feed_folder.in_order(row.feed.folder))
    sizes = Counter(row.feed.folder for row in chosen)
    for folder, of_folder in groupby(chosen[:shown], key=lambda row: row.feed.folder):
        if folders:
            name = plain(folder, feed_folder.LENGTH) if folder else t("feeds.folder.none")
            st.header(f":material/folder_open: {name} ({sizes[folder]:,})", anchor=False)
        for row in of_folder:
            feed_card.draw(row, folders, being_read=row.feed.id in waiting)
    if not chosen:
        st.caption(t("feeds.list.nothing"))
    if len(chosen) > shown:
        more = t("feeds.list.more", n=f"{len(chosen) - shown:,}")
        st.button(more, key="feeds.more", on_click=_more, icon=":material/expand_more:", width="stretch")


def _more() -> None:
    st.session_state[_PAGES] = int(st.session_state.get(_PAGES, 1)) + 1


def _tools(rows: Sequence[FeedRow]) -> list[FeedRow]:
    failing = [row for row in rows if row.feed.error]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        count = t("feeds.list.count_one") if len(rows) == 1 else t("feeds.list.count", n=f"{len(rows):,}")
        st.markdown(f"**{count}**", width="content")
        chosen = list(rows)
        if failing:
            chosen = failing if _problems(len(failing)) else chosen
        if len(rows) >= WORTH_SEARCHING:
            words = _words().casefold().split()
            chosen = [row for row in chosen if all(word in _searched(row) for word in words)]
        _read_all()
        feed_file.export()
    return chosen


def _read_all() -> None:
    refreshing = app.current().refresh
    read = lambda: feed_work.read(refreshing.ask(me()))  # noqa: E731
    running = refreshing.state(me()).running
    actions.button(t("feeds.read_all"), read, key="feeds.read_all", icon=":material/sync:", disabled=running)


def _words() -> str:
    url_state.begin("q", "feeds.q", lambda _: True)
    typed = st.text_input(
        t("feeds.list.search"),
        key="feeds.q",
        type="search",
        placeholder=t("feeds.list.search"),
        label_visibility="collapsed",
        icon=":material/search:",
        width=260,
    )
    return url_state.keep("q", "feeds.q", (typed or "").strip(), lambda _: True)


def _problems(count: int) -> bool:
    url_state.begin("problems", "feeds.problems.asked", ("1",).__contains__)
    on = st.toggle(t("feeds.list.problems", n=count), st.query_params.get("problems") == "1", key="feeds.problems")
    url_state.keep("problems", "feeds.problems.asked", "1" if on else "", ("1",).__contains__)
    return on


def _searched(row: FeedRow) -> str:
    return f"{row.feed.title} {row.feed.author} {row.feed.folder} {row.feed.url}".casefold()


def removed() -> None:
    """Draw the unsubscribed feeds that can be restored, if any."""
    gone = app.current().unsubscribe.listing(me())
    if not gone:
        return
    with st.expander(t("feeds.gone", n=len(gone)), icon=":material/undo:", key="feeds.gone"):
        st.caption(t("feeds.gone.body"))
        for row in gone:
            with st.container(horizontal=True, vertical_alignment="center", key=f"gone-{row.id}"):
                until = formats.date(row.removed_at + KEPT)
                st.markdown(f"**{plain(row.title, 120)}** · {t('feeds.gone.until', date=until)}", width="stretch")
                actions.button(
                    t("feeds.gone.back"),
                    lambda feed_id=row.id: app.current().unsubscribe.restore(me(), feed_id),  # type: ignore[misc]
                    key=f"gone.back.{row.id}",
                    icon=":material/undo:",
                    done=t("feeds.gone.restored", title=plain(row.title, 120)),
                )

"""The subscribed podcasts as a grid of covers, by folder; the words and the choice of the failing ones are kept in the URL.

FeedRow ─▶ tile ─▶ component (feed_grid.js): ?q= problems=1 ─▶ tiles that fit ─▶ the show's page
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from core.domain.feeds import feed_folder
from core.domain.feeds.folder_feed import is_local
from core.services.feeds.subscriptions import FeedRow
from pages.shared import formats
from pages.shared.component_source import source
from pages.text import t

_LABELS = ("title", "search", "nothing", "clear", "problems", "failing")

_component = st.components.v2.component(
    "castmind_feed_grid",
    js=source(__file__, "shared/page.js", "feed_grid.js"),
    css=source(__file__, "feed_grid.css"),
)


def mount(rows: Sequence[FeedRow], waiting: Collection[int]) -> None:
    """Draw the grid. `waiting`: the ids of the feeds that are about to be read."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="feed-grid", data=[data(rows, waiting)])


def data(rows: Sequence[FeedRow], waiting: Collection[int]) -> dict[str, Any]:
    """Return the component's data, as JSON types: `folders` in their order, each with its tiles in the order of the rows."""
    ordered = sorted(rows, key=lambda row: feed_folder.in_order(row.feed.folder))
    parted = any(row.feed.folder for row in rows)
    return {
        "folders": [
            {"title": (folder or t("feeds.folder.none")) if parted else "", "tiles": [_tile(row, waiting) for row in group]}
            for folder, group in groupby(ordered, key=lambda row: row.feed.folder)
        ],
        "failing": sum(bool(row.feed.error) for row in rows),
        "text": {name: t(f"feeds.list.{name}") for name in _LABELS},
    }


def _tile(row: FeedRow, waiting: Collection[int]) -> dict[str, Any]:
    feed = row.feed
    return {
        "id": feed.id,
        "title": feed.title,
        "href": f"/show?id={feed.id}",
        "cover": f"/api/v1/feeds/{feed.id}/cover",
        "facts": formats.episodes(row.episodes),
        "sign": _sign(row),
        "failing": bool(feed.error),
        "busy": feed.id in waiting,
        "words": f"{feed.title} {feed.author} {feed.folder}".casefold(),
    }


def _sign(row: FeedRow) -> str:
    """Return a word about the kind of the feed; "" for the common kind."""
    if is_local(row.feed.url):
        return t("feeds.list.folder")
    return t("feeds.list.locked") if row.credentials else ""

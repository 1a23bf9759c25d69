"""The head of a show's page: picture, title, who makes it, description, people, rules, links, a check for episodes.

FeedRow ─▶ data ─▶ component ─┬─ check ─▶ HTTP API; trigger `changed`: this window follows the check
                              └─ "Change" of the rules ─▶ trigger `options` ─▶ the options below are unfolded
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from core.domain.feeds.folder_feed import is_local
from core.services.feeds.subscriptions import FeedRow
from core.services.reading import publisher_text
from pages.feeds import feed_work
from pages.shared.component_source import source
from pages.show import show_options, show_people, show_rules
from pages.text import language, t
from pages.text import texts as all_texts
from pages.visitor import me

_LABELS = (
    *("check", "checking", "checked", "website", "more", "less", "locked", "close", "no_connection", "went_wrong"),
    *("rules", "rules_change", "people_all"),
)

_component = st.components.v2.component(
    "castmind_show_head",
    js=source(__file__, "shared/page.js", "show_head.js"),
    css=source(__file__, "shared/messages.css", "show_head.css"),
)


def mount(row: FeedRow) -> None:
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(
        key=f"show-head-{row.feed.id}",
        data=[data(row)],
        on_changed_change=_asked,
        on_options_change=lambda: show_options.unfold(row.feed.id),
    )


def _asked() -> None:
    """Have this window follow the check that the component began."""
    feed_work.read(app.current().refresh.state(me()))


def data(row: FeedRow) -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    feed = row.feed
    known = all_texts(language())
    return {
        "id": feed.id,
        "title": feed.title,
        "author": feed.author,
        "cover": f"/api/v1/feeds/{feed.id}/cover",
        "description": publisher_text.plain_text(feed.description),
        "link": publisher_text.link(feed.link),
        "folder": feed.folder,
        "local": is_local(feed.url),
        "locked": row.credentials is not None,
        "people": show_people.groups(feed.id),
        "rules": show_rules.lines(feed),
        "text": {name: known[f"show.{name}"] for name in _LABELS} | {"comma": t("format.comma")},
    }

"""The subscribed podcasts: a grid of covers, and what is done to all of them.

above: check all, export        below: podcasts unsubscribed this week, with a button to restore each
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.services.feeds.subscriptions import FeedRow
from core.services.feeds.unsubscribe import KEPT
from pages.feeds import feed_file, feed_grid, feed_work
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me


def draw(rows: Sequence[FeedRow]) -> None:
    with st.container(key="feeds-tools", horizontal=True, vertical_alignment="center", gap="small"):
        count = t("feeds.list.count_one") if len(rows) == 1 else t("feeds.list.count", n=f"{len(rows):,}")
        st.markdown(f"**{count}**", width="content")
        _read_all()
        feed_file.export()
    feed_grid.mount(rows, app.current().refresh.state(me()).waiting)


def _read_all() -> None:
    refreshing = app.current().refresh
    read = lambda: feed_work.read(refreshing.ask(me()))  # noqa: E731
    running = refreshing.state(me()).running
    actions.button(t("feeds.read_all"), read, key="feeds.read_all", icon=":material/sync:", disabled=running, needs=Role.MEMBER)


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

"""Where a feed is read: changed, once the new address has been looked at, and changed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.services.feeds import deadline
from pages.shared import actions
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.feeds.feed import Feed

# Who presses a button waits before the screen.
PATIENCE = 40.0


def draw(feed: Feed) -> None:
    key = f"feed.address.{feed.id}"
    with st.form(f"{key}.form", border=False):
        st.text_input(t("feeds.address"), feed.url, key=f"{key}.{feed.url}", max_chars=8000, help=t("feeds.address.help"))
        st.toggle(t("feeds.address.anyway"), key=f"{key}.anyway", help=t("feeds.address.anyway.help"))
        st.form_submit_button(t("feeds.address.save"), key=f"{key}.save", on_click=_save, args=(feed.id, feed.url))
    if feed.former_url:
        actions.button(
            t("feeds.address.undo"),
            lambda: app.current().subscriptions.undo_address(me(), feed.id),
            key=f"{key}.undo",
            icon=":material/undo:",
            done=t("feeds.address.undone"),
        )


def change(feed_id: int, url: str, *, anyway: bool = False) -> None:
    """Looks at the address, for a bounded time. Raises what `Subscriptions.change_address` raises."""
    with deadline.within(PATIENCE):
        app.current().subscriptions.change_address(me(), feed_id, url, anyway=anyway)


def _save(feed_id: int, before: str) -> None:
    typed = str(st.session_state.get(f"feed.address.{feed_id}.{before}") or "").strip()
    anyway = bool(st.session_state.get(f"feed.address.{feed_id}.anyway"))
    if typed and typed != before:
        actions.attempt(lambda: change(feed_id, typed, anyway=anyway), t("feeds.address.saved"))

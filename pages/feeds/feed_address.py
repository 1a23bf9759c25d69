"""The form for a feed's URL: change it after a check of the new one, and undo the change."""

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

# Seconds. The reader waits for the result.
PATIENCE = 40.0


def draw(feed: Feed) -> None:
    key = f"feed.address.{feed.id}"
    with st.form(f"{key}.form", border=False):
        st.text_input(t("feeds.address"), feed.url, key=f"{key}.{feed.url}", max_chars=8000, help=t("feeds.address.help"))
        actions.fault(f"{key}.{feed.url}")
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
    """Check and save the URL, within a time limit. Raises the errors of `Subscriptions.change_address`."""
    with deadline.within(PATIENCE):
        app.current().subscriptions.change_address(me(), feed_id, url, anyway=anyway)


def _save(feed_id: int, before: str) -> None:
    field = f"feed.address.{feed_id}.{before}"
    typed = str(st.session_state.get(field) or "").strip()
    anyway = bool(st.session_state.get(f"feed.address.{feed_id}.anyway"))
    if typed != before:
        actions.attempt(lambda: change(feed_id, typed, anyway=anyway), t("feeds.address.saved"), field=field)

"""The options of a show: title, folder, which episodes are transcribed ─▶ further parts, a module each ─▶ address, unsubscribe.

The page draws them only while they are unfolded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.feeds.folder_feed import is_local
from pages.feeds import feed_address, feed_credentials
from pages.feeds.feed_options import wishes
from pages.shared import actions, dialogs, retention
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.feeds.feed import Feed
    from core.services.feeds.subscriptions import FeedRow

# Set when the show was left: its page then leads to the podcasts. A callback itself cannot change the page.
LEFT = "show.left"


def unfolded_key(feed_id: int) -> str:
    """Return the key of the part that holds the options: its state tells whether it is unfolded."""
    return f"feed.unfolded.{feed_id}"


def unfold(feed_id: int) -> None:
    """Unfold the options. A callback may call it."""
    st.session_state[unfolded_key(feed_id)] = True


def draw(row: FeedRow, folders: Sequence[str] = ()) -> None:
    """Draw the options. A further part takes the row, brings its own form, and is called here."""
    feed = row.feed
    _general(feed, folders)
    if not is_local(feed.url):
        retention.of_feed(feed.id)
        feed_credentials.draw(row)
        feed_address.draw(feed)
    _way_out(feed)


def _general(feed: Feed, folders: Sequence[str]) -> None:
    with st.form(f"feed.options.{feed.id}", border=False):
        st.text_input(t("feeds.title"), feed.title, key=f"feed.title.{feed.id}", max_chars=300)
        actions.fault(f"feed.title.{feed.id}")
        st.selectbox(
            t("feeds.folder"),
            there := list(dict.fromkeys(["", *folders, feed.folder])),
            there.index(feed.folder),
            format_func=lambda folder: folder or t("feeds.folder.none"),
            accept_new_options=True,
            key=_folder_key(feed),
            help=t("feeds.folder.help"),
        )
        # All files of a folder are transcribed: the reader put them there.
        if not is_local(feed.url):
            wishes(f"feed.{feed.id}", feed.backlog, auto=feed.auto_transcribe)
        st.form_submit_button(t("feeds.save"), key=f"feed.save.{feed.id}", on_click=_save, args=(feed.id, _folder_key(feed)))


def _folder_key(feed: Feed) -> str:
    """Return a key that changes with the folder: the kept form then shows the new folder."""
    return f"feed.folder.{feed.id}.{feed.folder}"


def _save(feed_id: int, folder: str) -> None:
    typed = st.session_state
    changed = {
        "title": typed[f"feed.title.{feed_id}"],
        "folder": typed[folder] or "",
        "auto_transcribe": typed.get(f"feed.{feed_id}.auto"),
        "backlog": typed.get(f"feed.{feed_id}.backlog"),
    }
    title = f"feed.title.{feed_id}"
    actions.attempt(lambda: app.current().subscriptions.change(me(), feed_id, **changed), t("feeds.saved"), field=title)


def _way_out(feed: Feed) -> None:
    dialogs.opener(t("feeds.remove"), lambda: _leave(feed), key=f"feed.remove.{feed.id}", icon=":material/delete:")


def _leave(feed: Feed) -> None:
    st.markdown(t("feeds.remove.sure", title=plain(feed.title, 160)))
    key = f"feed.remove.episodes.{feed.id}"
    episodes = st.toggle(t("feeds.remove.episodes"), key=key)
    st.caption(t("feeds.remove.episodes.gone") if episodes else t("feeds.remove.episodes.stay"))

    def remove() -> None:
        app.current().unsubscribe.remove(me(), feed.id, episodes=bool(st.session_state.get(key)))
        actions.say(t("feeds.removed"))
        st.session_state[LEFT] = True

    yes, no = st.columns(2)
    with yes:
        sure = t("feeds.remove.yes")
        actions.button(sure, dialogs.closing(remove), key=f"feed.remove.yes.{feed.id}", type="primary", width="stretch")
    with no:
        actions.button(t("feeds.remove.no"), dialogs.close, key=f"feed.remove.no.{feed.id}", width="stretch")

"""A feed as a card: its title, its health, and its options.

header    cover, title ········································ read now
health    last and next read, the reason of a failure (feed_health)
options   (drawn only while they are open: sixty closed cards cost nothing)
          title, which episodes are transcribed ─▶ further parts, a module each ─▶ URL, unsubscribe
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.feeds.folder_feed import is_local
from core.services.reading.publisher_text import plain_text
from pages.feeds import cover, feed_address, feed_credentials, feed_health, feed_work
from pages.feeds.feed_options import wishes
from pages.shared import actions, dialogs, formats, retention
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.feeds.feed import Feed
    from core.services.feeds.subscriptions import FeedRow


def draw(row: FeedRow, folders: Sequence[str] = (), *, being_read: bool = False) -> None:
    """Draw the card. `folders`: the existing ones, to choose from."""
    feed = row.feed
    with st.container(border=True, key=f"feed-{feed.id}", gap="xsmall"):
        header(row, being_read=being_read)
        if is_local(feed.url):
            st.caption(f"{formats.episodes(row.episodes)} · {t('feeds.local')}")
        else:
            feed_health.draw(row)
        unfolded = st.expander(t("feeds.options"), icon=":material/tune:", key=f"feed.unfolded.{feed.id}", on_change="rerun")
        if unfolded.open:
            with unfolded:
                options(row, folders)


# --- header -------------------------------------------------------------------------------------


def header(row: FeedRow, *, being_read: bool) -> None:
    feed = row.feed
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"feed-head-{feed.id}"):
        cover.draw(f"/api/v1/feeds/{feed.id}/cover")
        with st.container(gap=None, width="stretch"):
            icon, about = _sign(row)
            label = f"**{plain(feed.title, 160)}**"
            st.page_link("show/page.py", label=label, query_params={"id": str(feed.id)}, icon=icon, help=about)
            if feed.description:
                st.caption(plain(plain_text(feed.description), 160))
            if feed.folder:
                st.caption(f":material/folder_open: {plain(feed.folder, 160)}")
        if not is_local(feed.url):
            _read_now(feed, being_read=being_read)


def _sign(row: FeedRow) -> tuple[str | None, str | None]:
    """Return an icon to show before the title, and its tooltip."""
    if is_local(row.feed.url):
        return ":material/folder:", t("feeds.local")
    return (":material/lock:", t("feeds.access.locked")) if row.credentials else (None, None)


def _read_now(feed: Feed, *, being_read: bool) -> None:
    actions.button(
        t("feeds.refreshing") if being_read else t("feeds.refresh"),
        lambda: feed_work.read(app.current().refresh.ask(me(), [feed.id])),
        key=f"feed.refresh.{feed.id}",
        icon=":material/hourglass_top:" if being_read else ":material/refresh:",
        disabled=being_read,
    )


# --- options ------------------------------------------------------------------------------------


def options(row: FeedRow, folders: Sequence[str] = ()) -> None:
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

    yes, no = st.columns(2)
    with yes:
        sure = t("feeds.remove.yes")
        actions.button(sure, dialogs.closing(remove), key=f"feed.remove.yes.{feed.id}", type="primary", width="stretch")
    with no:
        actions.button(t("feeds.remove.no"), dialogs.close, key=f"feed.remove.no.{feed.id}", width="stretch")

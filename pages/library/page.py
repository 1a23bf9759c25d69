"""The library: the ways to add audio at the top, every episode below, the newest first.

uploader, address ─┬─▶ first steps ─▶ filters and sort order ─▶ dialogs, bars ─▶ live list (episodes) ◀─▶ selecting
                   └─ empty? ─▶ the sample ─▶ first steps
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter
from pages.library import episodes, filters, selecting
from pages.library.adding import add
from pages.shared import actions, auto_refresh, background_tasks, first_steps
from pages.shared.uploader import uploader
from pages.text import t
from pages.visitor import may_edit, me


def nothing_yet() -> None:
    st.header(t("library.empty.title"))
    if not may_edit():
        st.markdown(t("library.empty.viewer"))
        return
    st.markdown(t("library.empty.body"))
    actions.button(
        t("library.sample"),
        partial(app.current().ingest.add_sample, me()),
        key="library.sample",
        type="primary",
        icon=":material/play_circle:",
        done=t("library.sample_added"),
    )
    st.caption(t("library.empty.sample"))


def draw() -> None:
    empty = not app.current().library.count(me()) and not app.current().library.count(me(), Filter(deleted=True))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="library-head"):
        st.title(t("nav.library"), width="content")
        if may_edit():
            add.draw(files=not empty)
    if empty:
        if may_edit():
            uploader.draw()
        with st.container(key="library-dialogs"):
            add.ask()
        auto_refresh.follow(episodes.notice_arrivals, lambda: auto_refresh.WAITING)
        nothing_yet()
        if may_edit():
            first_steps.draw()
        return
    # These containers always exist: the list below them stays mounted, and keeps its ticked boxes.
    with st.container(key="library-first-steps"):
        if may_edit():
            first_steps.draw()
    with st.container(key="library-choice", gap="small"):
        choice = filters.draw()
    with st.container(key="library-dialogs"):
        selecting.ask()
        add.ask()
    with st.container(key="library-under-way"):
        background_tasks.draw(*background_tasks.LIBRARY)
    auto_refresh.follow(partial(_live, choice))


def _live(choice: filters.LibraryChoice) -> None:
    """Draw the list; the chips around it follow when tags came or went."""
    if filters.outdated():
        st.rerun()
    episodes.listing(choice)


draw()

"""The list of the library: a row an episode, with its state, how far it is, and the one button that fits.

state:  none ─▶ Transcribe   failed, cancelled ─▶ Try again   queued, running, waiting ─▶ Cancel   done ─▶ nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.episode import Filter
from core.domain.job import OPEN, State
from pages.parts import acting, formats, jobs
from pages.parts.foreign import plain
from pages.text import t

if TYPE_CHECKING:
    from core.store.episodes import Listed


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the library is shown."""

    query: str = ""
    state: State | None = None
    feed_id: int | None = None


def notice_arrivals() -> None:
    """Leaves the empty page as soon as something came in another way: the inbox, the API, another window."""
    if app.current().library.count():
        st.rerun()


def _pages(choice: Choice, size: int, wanted: int) -> Iterator[tuple[tuple[Listed, ...], bool]]:
    """The first `wanted` pages, each with whether there is another."""
    cursor: str | None = None
    for _ in range(wanted):
        wanted_ones = Filter(feed_id=choice.feed_id, state=choice.state, text=choice.query)
        found = app.current().library.listing(wanted_ones, limit=size, cursor=cursor)
        cursor = found.next_cursor
        yield found.items, cursor is not None
        if cursor is None:
            return


def listing(choice: Choice, size: int) -> None:
    pages_key = f"library.pages.{choice.query}.{choice.state}.{choice.feed_id}"
    wanted: int = st.session_state.get(pages_key, 1)
    found = list(_pages(choice, size, wanted))
    for items, _ in found:
        for item in items:
            row(item)
    if not found[0][0]:
        st.info(t("library.nothing_found"), icon=":material/search_off:")
    if found[-1][1]:
        st.button(t("library.more"), key="library.more", on_click=_show_more, args=(pages_key, wanted + 1))


def _show_more(key: str, wanted: int) -> None:
    st.session_state[key] = wanted


def row(item: Listed) -> None:
    episode = item.episode
    with st.container(border=True, key=f"episode-{episode.id}", gap="xsmall"):
        words, action = st.columns([5, 1.3], vertical_alignment="center")
        with words:
            st.page_link("episode.py", label=f"**{plain(episode.title, 160)}**", query_params={"id": str(episode.id)})
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                jobs.badge(item.state)
                st.caption(_facts(item), width="content")
        with action:
            button(item)
        job = jobs.foremost(item.jobs)
        if job and job.state == State.RUNNING:
            jobs.progress(job)
        elif job:
            jobs.reason(job)


def _facts(item: Listed) -> str:
    episode = item.episode
    words = [
        plain(item.feed_title, 80) if item.feed_title else t(f"source.{episode.source.value}"),
        formats.date(episode.published_at or episode.created_at),
    ]
    if episode.duration:
        words.append(formats.clock(episode.duration))
    if item.notes_engine:
        words.append(t(f"engine.{item.notes_engine}"))
    return " · ".join(words)


def button(item: Listed) -> None:
    library, number, key = app.current().library, item.episode.id, f"episode.action.{item.episode.id}"
    if item.state is None:
        acting.button(
            t("action.transcribe"),
            lambda: library.transcribe(number),
            key=key,
            icon=":material/graphic_eq:",
            width="stretch",
        )
    elif item.state in (State.FAILED, State.CANCELLED):
        acting.button(t("action.retry"), lambda: library.retry(number), key=key, icon=":material/replay:", width="stretch")
    elif item.state in OPEN:
        acting.button(t("action.cancel"), lambda: library.cancel(number), key=key, icon=":material/close:", width="stretch")

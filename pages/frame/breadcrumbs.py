"""Where the reader is: the window's title, and the pages above the current one.

episode ─▶ Library › its show      show ─▶ Podcasts      logs, schedules ─▶ Status      every other page ─▶ nothing above
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core import app
from core.errors import NotFound
from pages.text import t
from pages.visitor import me


@dataclass(frozen=True, slots=True)
class PagePlace:
    """`title` is None on pages that are named by the navigation; `above`: (title, address), the topmost first."""

    title: str | None = None
    above: tuple[tuple[str, str], ...] = ()


def place(page: str) -> PagePlace:
    """Return the place of a page, by its URL path and the `id` of the URL."""
    if page in ("logs", "schedules"):
        return PagePlace(above=((t("nav.status"), "/status"),))
    found = {"episode": _episode, "show": _show}.get(page)
    if found is None:
        return PagePlace()
    wanted = st.query_params.get("id", "")
    return found(int(wanted) if wanted.isdecimal() else 0)


def _episode(number: int) -> PagePlace:
    above = [(t("nav.library"), "/")]
    try:
        listed = app.current().library.episode(me(), number)
    except NotFound:
        return PagePlace(above=tuple(above))
    if listed.feed_title and listed.episode.feed_id is not None:
        above.append((listed.feed_title, f"/show?id={listed.episode.feed_id}"))
    return PagePlace(listed.episode.title, tuple(above))


def _show(number: int) -> PagePlace:
    above = ((t("nav.feeds"), "/feeds"),)
    try:
        return PagePlace(app.current().subscriptions.get(me(), number).feed.title, above)
    except NotFound:
        return PagePlace(above=above)

"""The pages above the current one: those of an episode are the library and its show."""

from __future__ import annotations

import streamlit as st

from core import app
from core.errors import NotFound
from pages.text import t
from pages.visitor import me


def of(page: str) -> list[tuple[str, str]]:
    """Return (title, address) of each page above, the topmost first; empty for the pages of the navigation."""
    if page != "episode":
        return []
    trail = [(t("nav.library"), "/")]
    wanted = st.query_params.get("id", "")
    try:
        listed = app.current().library.episode(me(), int(wanted)) if wanted.isdecimal() else None
    except NotFound:
        return trail
    if listed and listed.feed_title and listed.episode.feed_id is not None:
        trail.append((listed.feed_title, f"/?feed={listed.episode.feed_id}"))
    return trail

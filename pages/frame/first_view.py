"""What a page shows until Streamlit runs, a second later: the rail, and on the library its newest episodes.

    request ─▶ of ─▶ parts [{part, data}] in the page ─▶ first_view.js draws them ─▶ the same parts, mounted by Streamlit

The parts and their data are those of the pages; the view ends when Streamlit has mounted the last of them. Its links work, its
buttons wait.
"""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st
from starlette.requests import Request

from core import app
from core.domain.accounts.actor import IN_SCOPE
from core.services.library import database_lock
from pages.frame import navigation
from pages.library import episodes, filters
from pages.library.adding import add
from pages.shared import better_notes, first_steps
from pages.shared.component_source import part_key
from pages.shared.filter_field import filter_field
from pages.text import language, t
from pages.visitor import answering

log = logging.getLogger(__name__)

Json = dict[str, Any]
ROWS = 12
# The page does not wait longer for another program that holds the database.
LOCK_SECONDS = 0.5
# The browser's time zone, as first_view.js keeps it.
ZONE = "castmind_zone"
LIBRARY = "library"
# Streamlit’s for `baseRadius = "small"`.
RADIUS = "0.35rem"
# Streamlit's names of colours, as the components use them.
_COLOURS = {
    "primary": "primaryColor",
    "background": "backgroundColor",
    "secondary-background": "secondaryBackgroundColor",
    "text": "textColor",
    "link": "linkColor",
    "border": "borderColor",
}
# What Streamlit makes of them for marks; tests/browser/frame compares.
_MARKS = {
    "red-text": ("#9E303B", "#F2919A"),
    "red-background": ("#FFF1F2", "#412023"),
    "green-text": ("#0C5A44", "#7ED5B0"),
    "green-background": ("#F1FBF6", "#0E2F24"),
    "blue-text": ("#244FB4", "#85B8F8"),
    "blue-background": ("#EDF5FF", "#1E2A3D"),
    "orange-text": ("#9B4519", "#F2A56D"),
    "orange-background": ("#FFF6ED", "#342414"),
    "gray-text": ("#686255", "#B8B3A8"),
    "gray-background": ("#F5F4F2", "#2C2925"),
}


def of(request: Request) -> Json | None:
    """Return the view for a page that is asked for; None while the library is closed for a restore."""
    castmind = app.current()
    if not castmind.ready:
        return None
    asked = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()[:35]
    speaks = answering(request.scope[IN_SCOPE], asked, request.cookies.get(ZONE, "")[:64])
    with speaks, database_lock.waiting_at_most(LOCK_SECONDS):
        page = request.url.path.strip("/") or LIBRARY
        try:
            content = _library() if page == LIBRARY and not request.url.query else None
            return {
                "language": language(),
                "colours": _colours(),
                "shapes": {"--st-font": _font("font"), "--st-heading-font": _font("headingFont"), "--st-base-radius": RADIUS},
                "frame": _part("castmind_navigation", navigation.data(page)),
                "content": content,
                "until": part_key("castmind_episodes" if content else "castmind_navigation"),
            }
        except Exception:  # without the view, the page itself says what is wrong
            log.warning("the first view was left out", exc_info=True)
            return None


def _part(name: str, data: Json) -> Json:
    return {"part": part_key(name), "data": data}


def _colours() -> dict[str, tuple[str, str]]:
    """Return the colours of the light and the dark theme by their names in the components' styles."""
    own = {
        name: (str(st.get_option(f"theme.light.{option}")), str(st.get_option(f"theme.dark.{option}")))
        for name, option in _COLOURS.items()
    }
    return {f"--st-{name}-color": pair for name, pair in (own | _MARKS).items()}


def _font(option: str) -> str:
    """Return a list of families as a style takes it: names with blanks in quotes."""
    families = str(st.get_option(f"theme.{option}") or "sans-serif").split(",")
    return ", ".join(f'"{name}"' if " " in (name := family.strip()) else name for family in families)


def _library() -> list[Json] | None:
    """Return the content of the library; None where a part of it is not known before the page runs."""
    listed = episodes.first(ROWS)
    if listed is None or not first_steps.was_drawn():
        return None
    steps = first_steps.last_drawn()
    return [
        {"heading": t("nav.library"), **_part("castmind_add", add.data(files=True))},
        *([_part("castmind_first_steps", steps)] if steps else []),
        _part("castmind_filter_field", filter_field.data("q", **filters.field_words())),
        _part("castmind_filter_chips", filters.unset()),
        *({"words": words} for words in better_notes.said()),
        _part("castmind_episodes", listed),
    ]

"""The navigation of every page: a rail at the left, a bar at the foot of a phone; breadcrumbs; the state of the connection.

    shell ─▶ navigation.draw(pages, page) ─▶ component ─ goTo (shared/page.js) ─▶ Streamlit follows the browser's history
                                                 └─ GET /api/v1/queue while the window is visible ─▶ badge

The links are real ones: a middle click opens a new tab. A plain click changes the page inside the app, with one rerun.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import app
from pages.frame import streamlit_words
from pages.shared.component_source import component
from pages.text import language, t
from pages.visitor import me

PLACES = ("library", "feeds", "search", "highlights", "queue")
FOOT = ("settings", "status")
# A phone's bar holds these; the others are behind "More".
BAR = ("library", "feeds", "search", "highlights")
_LABELS = ("skip", "palette", "keys", "keys_mac", "places", "more", "offline", "trail", "queue_busy", "queue_failed")
_SCRIPTS = ("shared/page.js", "navigation_icons.js", "connection.js", "install.js", "streamlit_words.js", "navigation.js")

_component = component("castmind_navigation", __file__, scripts=_SCRIPTS, styles=("navigation.css",))


def draw(page: str, crumbs: Iterable[tuple[str, str]] = ()) -> None:
    """Draw the navigation. `page` is the URL path of the current page, `crumbs` the (title, address) of the pages above it."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="navigation", data=[data(page, crumbs)])


def data(page: str, crumbs: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    return {
        "brand": "CastMind",
        "page": page,
        "places": [_place(name) for name in PLACES],
        "foot": [_place(name) for name in FOOT],
        "bar": list(BAR),
        "crumbs": [{"title": title, "href": href} for title, href in crumbs],
        "queue": _queue(),
        "version": app.current().version,
        "language": "zh-CN" if language() == "zh" else "en",
        "text": {name: t(f"frame.{name}") for name in _LABELS},
        "streamlit": streamlit_words.pairs(),
    }


def _place(name: str) -> dict[str, str]:
    return {"name": name, "title": t(f"nav.{name}"), "href": "/" if name == "library" else f"/{name}"}


def _queue() -> dict[str, int] | None:
    """Return the number of episodes under way and of failed ones; None while the library is closed for a restore."""
    castmind = app.current()
    return castmind.queue.episodes_at_work(me()) if castmind.ready else None

"""The library's list as one component: with Streamlit's own widgets, each of fifty rows would need half a dozen of them.

episodes.data ─▶ component ─┬─ acts (shared/acts.js) ─▶ HTTP API; trigger `changed` once they are settled
                            └─ more, dialogs: trigger `asked` [{act, ids}] ─▶ wish() ─▶ selecting.act

The rows are real links: a middle click opens a new tab; a plain click changes the page inside the app, and playback continues.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pages.shared import acts
from pages.shared.component_source import component, told

KEY = "episodes"
_SCRIPTS = (
    "shared/page.js",
    "shared/acts.js",
    "shared/kept_parts.js",
    "shared/cover.js",
    "shared/menu.js",
    "shared/tag_field.js",
    "shared/sheet.js",
    "episode_row.js",
    "continue_strip.js",
    "undo_bar.js",
    "selection_bar.js",
    "tag_sheet.js",
    "purge_sheet.js",
    "list_keys.js",
    "inbox.js",
    "episode_list.js",
)

_STYLES = ("shared/messages.css", "shared/menu.css", "shared/tag_field.css", "shared/sheet.css", "episode_list.css")

_component = component("castmind_episodes", __file__, scripts=_SCRIPTS, styles=_STYLES)


@dataclass(frozen=True, slots=True)
class ListAction:
    """What the reader asks of the page; `ids` is None for all episodes that match the filters."""

    act: str
    ids: tuple[int, ...] | None


def mount(data: dict[str, Any], asked: Callable[[], None]) -> None:
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=KEY, data=[data], on_asked_change=asked, on_changed_change=lambda: acts.settled(KEY))


def wish() -> ListAction | None:
    """Return the action asked for, inside the callback. The value comes from the browser, so its shape is checked."""
    match told(KEY, "asked"):
        case [{"act": str(act), "ids": None}]:
            return ListAction(act, None)
        case [{"act": str(act), "ids": list(ids)}] if all(type(number) is int for number in ids):
            return ListAction(act, tuple(ids))
    return None

"""The now-playing bar at the foot of every page: titles, chapter, time, speed, sleep timer; on a phone a sheet with the rest.

    shell ─▶ player_now.draw() ─▶ component ── attaches to ──▶ the window's one <audio> (shared/sound.js)
                                      └─ goTo (shared/page.js), so that playback continues

The page of the episode being played has the whole player, and hides this bar. As the only script on every page it also keeps the
scroll history for going back (places.js).
"""

from __future__ import annotations

import streamlit as st

from pages.shared.component_source import SOUND, SOUND_CONTROLS, component
from pages.text import t

_SCRIPTS = ("shared/page.js", *SOUND, *SOUND_CONTROLS, "places.js", "now_parts.js", "now_sheet.js", "player_now.js")
LABELS = (
    "now_playing",
    "now_open",
    "now_fold",
    "now_close",
    "play",
    "pause",
    "back",
    "ahead",
    "previous_chapter",
    "next_chapter",
    "position",
    "position_of",
    "speed",
    "sleep",
    "sleep_minutes",
    "sleep_chapter",
    "sleep_episode",
    "sleep_more",
    "sleep_off",
    "sleep_left",
)

_component = component("castmind_now_playing", __file__, scripts=_SCRIPTS, styles=("shared/menu.css", "player_now.css"))


def draw(page: str) -> None:
    """Draw the bar; `page` is the URL path of the current page."""
    given = {"here": _episode_here(page), "text": {name: t(f"player.{name}") for name in LABELS}}
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="now-playing", data=[given])


def _episode_here(page: str) -> int | None:
    wanted = st.query_params.get("id", "")
    return int(wanted) if page == "episode" and wanted.isdecimal() else None

"""What is playing, at the foot of every page: title, play and pause, 15 s either way, and the way back to the episode.

    shell ─▶ player_now.draw() ─▶ component ── attaches to ──▶ the window's one sound (player_sound.js)
                                      └─ trigger `opened` ─▶ st.switch_page, so that the sound goes on

The page of the episode that is heard has the whole player, and hides this. As the one script that stands on every page it also
keeps the ways back (places.js).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.text import t

_HERE = Path(__file__).parent
_SCRIPTS = ("player_page.js", "player_sound.js", "places.js", "player_now.js")
_LABELS = ("now_playing", "play", "pause", "back", "ahead")

_component = st.components.v2.component(
    "castmind_now_playing",
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    css=(_HERE / "player_now.css").read_text(encoding="utf-8"),
)


def draw(page: str) -> None:
    """`page` is the address of the page that is shown. Goes to the episode when its title was clicked."""
    given = {"here": _episode_here(page), "text": {name: t(f"player.{name}") for name in _LABELS}}
    # In a list: a dictionary would be searched for data frames, and that loads pandas for good.
    asked = _component(key="now-playing", data=[given], on_opened_change=lambda: None)
    if asked.opened is not None:
        st.switch_page("episode.py", query_params={"id": str(int(asked.opened))})


def _episode_here(page: str) -> int | None:
    wanted = st.query_params.get("id", "")
    return int(wanted) if page == "episode" and wanted.isdecimal() else None

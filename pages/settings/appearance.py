"""The look of the pages in this browser: their language, and the theme.

language ─▶ user_preferences ─▶ rerun      theme ─▶ component ─▶ localStorage ─▶ reload (shared/theme.js)
"""

from __future__ import annotations

import streamlit as st

from core import app
from pages.shared import actions
from pages.shared.component_source import source
from pages.text import LANGUAGES, chosen_language, t
from pages.visitor import me

THEMES = ("system", "light", "dark")
LANGUAGE = "appearance.language"

_theme = st.components.v2.component(
    "castmind_theme",
    js=source(__file__, "shared/page.js", "shared/theme.js", "theme_picker.js"),
    css=source(__file__, "theme_picker.css"),
)


def draw() -> None:
    _language()
    words = {name: t(f"appearance.theme.{name}") for name in ("label", *THEMES)}
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _theme(key="theme", data=[{"themes": list(THEMES), "text": words}])


def _language() -> None:
    st.session_state[LANGUAGE] = chosen_language()
    st.selectbox(
        t("appearance.language"),
        ["auto", *LANGUAGES],
        format_func=lambda code: LANGUAGES.get(code) or t("option.auto"),
        key=LANGUAGE,
        on_change=_change_language,
        disabled=app.current().settings.loaded.locked("language"),
        help=t("appearance.language.help"),
    )


def _change_language() -> None:
    chosen = st.session_state[LANGUAGE]
    actions.attempt(lambda: app.current().user_preferences.save(me(), "language", chosen))

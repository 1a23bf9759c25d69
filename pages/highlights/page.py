"""Highlights of the whole library: three of the day, filters, each with its remark and its moment, files for elsewhere.

The list is one component that reads the HTTP API itself (highlight_list.js); its filters are in the URL.
"""

from __future__ import annotations

import streamlit as st

from pages.shared.component_source import SOUND, source
from pages.text import language, t, texts

_PREFIX = "highlights."
_SCRIPTS = ("shared/page.js", *SOUND, "highlight_card.js", "highlight_list.js")

_component = st.components.v2.component(
    "castmind_highlights",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, "highlight_list.css"),
)


def draw() -> None:
    st.title(t("nav.highlights"))
    words = {key.removeprefix(_PREFIX): text for key, text in texts(language()).items() if key.startswith(_PREFIX)}
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="highlights", data=[{"text": words, "locale": language()}])


draw()

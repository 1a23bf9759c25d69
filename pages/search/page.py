"""Search in everything said, noted or written in the library. `?q=` holds the query.

search_page.js: field ─▶ GET /api/v1/search/quick ─▶ chips, hints, number of hits ─▶ an episode: its hits ─▶ more
                      └─ empty ─▶ recent searches, the query syntax
"""

from __future__ import annotations

import streamlit as st

from pages.shared.component_source import source
from pages.shared.search import search_answer
from pages.text import t

WAYS = ("words", "phrase", "prefix", "without", "feed", "speaker", "tag", "in", "time")

_SCRIPTS = ("shared/page.js", *search_answer.SCRIPTS, "search_page.js")

_component = st.components.v2.component(
    "castmind_search",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, *search_answer.STYLES, "search_page.css"),
)


def draw() -> None:
    st.title(t("nav.search"))
    ways = [{"name": way, "example": t(f"search.way.{way}"), "means": t(f"search.way.{way}.means")} for way in WAYS]
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="search", data=[{**search_answer.given("search."), "ways": ways}])


draw()

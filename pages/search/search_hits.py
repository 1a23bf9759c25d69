"""How hits look, and the keyboard of the search page: `/` to the field, the arrows from hit to hit, Escape back to the field."""

from __future__ import annotations

import streamlit as st

from pages.shared.component_source import source

# Hits are Streamlit's own links, so the styles have to reach beyond the component.
_component = st.components.v2.component(
    "castmind_search_hits",
    html="<span></span>",
    css=source(__file__, "search_hits.css"),
    js=source(__file__, "search_hits.js"),
    isolate_styles=False,
)


def mount(*, focus: bool) -> None:
    """`focus`: the field waits for what is typed."""
    _component(key="search-hits", data=[{"focus": focus}])

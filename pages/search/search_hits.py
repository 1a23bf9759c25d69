"""The style of hits, and the search page's keys: `/` focuses the field, arrows move between hits, Escape returns to the field."""

from __future__ import annotations

import streamlit as st

from pages.shared.component_source import source

# Hits are Streamlit's own links, so the styles must apply outside the component.
_component = st.components.v2.component(
    "castmind_search_hits",
    html="<span></span>",
    css=source(__file__, "search_hits.css"),
    js=source(__file__, "search_hits.js"),
    isolate_styles=False,
)


def mount(*, focus: bool) -> None:
    """Mount the component. `focus`: put the cursor in the field."""
    _component(key="search-hits", data=[{"focus": focus}])

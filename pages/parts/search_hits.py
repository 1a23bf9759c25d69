"""How hits look, and the keyboard of the search page: `/` to the field, the arrows from hit to hit, Escape back to the field."""

from __future__ import annotations

from pathlib import Path

import streamlit as st


def _source(suffix: str) -> str:
    return Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")


# Hits are Streamlit's own links, so the styles have to reach beyond the component.
_component = st.components.v2.component(
    "castmind_search_hits", html="<span></span>", css=_source(".css"), js=_source(".js"), isolate_styles=False
)


def mount(*, focus: bool) -> None:
    """`focus`: the field waits for what is typed."""
    _component(key="search-hits", data=[{"focus": focus}])

"""A small square picture beside a title. The adjacent text describes it."""

from __future__ import annotations

import html

import streamlit as st

STYLE = "width:64px;height:64px;border-radius:8px;object-fit:cover;background:rgba(128,128,128,.2);display:block"
MARKUP = '<img src="{address}" alt="" loading="lazy" style="{style}">'


def draw(address: str) -> None:
    """Draw the picture at `address`, a URL of this server."""
    st.html(MARKUP.format(address=html.escape(address, quote=True), style=STYLE), width=64)

"""The design system, in development alone (CASTMIND_ENV=development): the tokens, then components in each of their states.

tokens ─▶ Streamlit's parts in the theme ─▶ chips, picker, first steps, grid of podcasts: the real components with made-up data
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.domain.feeds.feed import Feed
from core.domain.feeds.feed_credentials import CredentialsKind
from core.services.feeds.subscriptions import FeedRow
from pages.design import tokens
from pages.feeds import feed_grid
from pages.library import chips
from pages.library.chips import Chip
from pages.settings import model_picker
from pages.text import t

ALERTS = (st.info, st.success, st.warning, st.error)
BUTTONS: tuple[Literal["primary", "secondary", "tertiary"], ...] = ("primary", "secondary", "tertiary")


def draw() -> None:
    st.title("design")
    for part in (tokens.draw, _streamlit, _chips, _picker, _grid):
        st.header(part.__name__.strip("_") if part is not tokens.draw else "tokens", anchor=False)
        part()


def _streamlit() -> None:
    with st.container(horizontal=True):
        for kind in BUTTONS:
            st.button(kind, key=f"design.{kind}", type=kind)
            st.button(kind, key=f"design.{kind}.off", type=kind, disabled=True)
    st.text_input("text_input", "value", key="design.text")
    st.text_input("text_input", "value", key="design.text.off", disabled=True)
    st.selectbox("selectbox", ("one", "two"), key="design.select")
    st.toggle("toggle", value=True, key="design.toggle")
    st.number_input("number_input", value=3, key="design.number")
    for alert in ALERTS:
        alert(alert.__name__)
    with st.expander("expander"):
        st.caption("caption")


def _chips() -> None:
    options = {"": t("option.all"), "one": "one", "two": "two"}
    drawn = [
        Chip("off", "off", ""),
        Chip("on", "on", "1"),
        Chip("list", "list", "", options),
        Chip("chosen", "chosen", "one", options),
        Chip("apart", "apart", "", options, apart=True),
    ]
    chips.draw(drawn, sort=Chip("sort", "sort", "", options), trash="")


def _picker() -> None:
    model_picker.draw(
        "design.picker",
        "model_picker",
        [
            model_picker.option("auto", t("option.auto"), note="note"),
            model_picker.option("chosen", "chosen", facts=("fact", "fact"), marks=("mark",), quality=3),
            model_picker.option("absent", "absent", facts=("fact",), pull=t("picker.pull")),
            model_picker.option("folded", "folded", quality=5, folded=True),
        ],
        chosen="chosen",
        other="placeholder",
        locked=False,
        on_choice=lambda _: None,
    )


def _grid() -> None:
    fine = FeedRow(Feed(-1, "https://pods.example/a", "fine", 0.0), 12)
    failing = FeedRow(Feed(-2, "https://pods.example/b", "failing", 0.0, error={"code": "feed_unavailable"}), 1)
    locked = FeedRow(Feed(-3, "https://pods.example/c", "locked", 0.0), 0, CredentialsKind.PASSWORD)
    busy = FeedRow(Feed(-4, "https://pods.example/d", "busy", 0.0), 3)
    feed_grid.mount([fine, failing, locked, busy], {-4})


draw()

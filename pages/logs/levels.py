"""How much single modules log: a form that sets a level for a while or for good, and what is set."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from core import app
from core.domain.shortening import shortened
from core.ops.logs.levels import ModuleLevel
from core.settings import LOG_LEVELS
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

HOUR = 3600.0
HOLDS: dict[str, float | None] = {"hour": HOUR, "day": 24 * HOUR, "kept": None}


def draw() -> None:
    with st.expander(t("logs.levels"), key="logs-levels", icon=":material/tune:"):
        st.caption(t("logs.levels.body"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            module = st.text_input(t("logs.module"), key="logs.module", placeholder="core.pipeline", max_chars=200)
            level = st.selectbox(t("logs.level"), LOG_LEVELS, key="logs.module_level")
            holds = st.selectbox(t("logs.holds"), list(HOLDS), key="logs.holds", format_func=lambda each: t(f"logs.holds.{each}"))
            actions.button(
                t("logs.set"), partial(_set, module.strip(), level, HOLDS[holds]), key="logs.set", icon=":material/check:"
            )
        for row in app.current().logs.levels(me()):
            _drawn(row)


def _set(module: str, level: str, seconds: float | None) -> None:
    app.current().logs.set_level(me(), module, level, seconds=seconds)


def _drawn(row: ModuleLevel) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        until = t("logs.holds.kept") if row.until is None else t("logs.until", time=formats.relative(row.until, time.time()))
        st.markdown(f"**{plain(row.module)}** · {row.level} · {until}", width="stretch")
        reset = partial(app.current().logs.reset_level, me(), row.module)
        actions.button(
            t("logs.reset"), reset, key=f"logs.reset.{shortened(row.module, 100)}", icon=":material/close:", type="tertiary"
        )

"""The runs of a schedule: when, how each ended, how long it took, what it did, and its lines in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.schedules import schedule_words
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.schedules.schedule import Schedule, ScheduleRun

SHOWN = 10


def draw(schedule: Schedule) -> None:
    runs = app.current().schedules.runs(me(), schedule.id, limit=SHOWN)
    if not runs:
        st.caption(t("schedules.never"))
        return
    st.markdown(f"**{t('schedules.history')}**")
    for run in runs:
        _run(run)


def _run(run: ScheduleRun) -> None:
    st.markdown(schedule_words.outcome(run))
    if run.error:
        st.caption(plain(error_text(dict(run.error)), 600))
    if run.lines:
        with st.popover(t("schedules.lines"), type="tertiary", key=f"schedule-lines-{run.id}"):
            st.code("\n".join(run.lines), language=None, wrap_lines=True)

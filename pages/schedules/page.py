"""Schedules: what happens by itself, when it comes next, how it went; run it now, pause it, move it, add one.

quiet hours: state (live), rules
rows (live) ─▶ a card each: words, next times, last run ─▶ run now, pause │ change (schedule_form) │ history (schedule_history)
add ─▶ kind, time, what about
"""

from __future__ import annotations

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.services.schedules.schedule_service import ScheduleRow
from pages.schedules import quiet_form, schedule_form, schedule_history, schedule_words
from pages.shared import actions, auto_refresh
from pages.text import t
from pages.visitor import is_admin, me

# A run begins within a second of its time; the next minute is soon enough to see it.
SELDOM = 15.0
_REMOVED = "schedules.removed"


def draw() -> None:
    st.title(t("schedules.title"))
    st.caption(t("schedules.body"))
    auto_refresh.follow(quiet_form.now, lambda: SELDOM)
    if is_admin():
        quiet_form.rules()
        schedule_form.add()
    auto_refresh.follow(_lists, _interval)


def _interval() -> float:
    running = any(row.running for row in app.current().schedules.listing(me()))
    return auto_refresh.MOVING if running else SELDOM


def _lists() -> None:
    rows = app.current().schedules.listing(me())
    own = [row for row in rows if not row.schedule.builtin]
    st.header(t("schedules.own"), anchor=False)
    if not own:
        st.caption(t("schedules.own.none"))
    for row in own:
        _card(row)
    _undo()
    st.header(t("schedules.builtin"), anchor=False)
    for row in rows:
        if row.schedule.builtin:
            _card(row)


def _card(row: ScheduleRow) -> None:
    schedule = row.schedule
    with st.expander(schedule_words.headline(row), key=f"schedule-{schedule.id}"):
        st.caption(schedule_words.about(schedule))
        _acts(row)
        if schedule.cron and not schedule.paused:
            times = app.current().schedules.preview(me(), schedule.cron, schedule.zone).times
            st.markdown(t("schedules.next", times=schedule_words.moments(times, schedule.zone)))
        if schedule.builtin == "polls":
            schedule_words.polls()
        schedule_history.draw(schedule)
        if is_admin() and schedule.cron:
            schedule_form.change(schedule)


def _acts(row: ScheduleRow) -> None:
    schedules, schedule = app.current().schedules, row.schedule
    with st.container(horizontal=True):
        actions.button(
            t("schedules.run"),
            lambda: schedules.run(me(), schedule.id),
            key=f"schedule.run.{schedule.id}",
            icon=":material/play_arrow:",
            disabled=row.running,
            done=t("schedules.begun"),
            needs=Role.ADMIN,
        )
        turn = t("schedules.resume" if schedule.paused else "schedules.pause")
        actions.button(
            turn,
            lambda: schedules.change(me(), schedule.id, paused=not schedule.paused),
            key=f"schedule.pause.{schedule.id}",
            needs=Role.ADMIN,
        )
        if not schedule.builtin:
            actions.button(
                t("schedules.remove"),
                lambda: _remove(schedule.id),
                key=f"schedule.remove.{schedule.id}",
                icon=":material/delete:",
                needs=Role.ADMIN,
            )


def _remove(schedule_id: int) -> None:
    app.current().schedules.remove(me(), schedule_id)
    st.session_state[_REMOVED] = schedule_id


def _undo() -> None:
    """Offer to bring back what was deleted last."""
    removed = st.session_state.get(_REMOVED)
    if removed is None:
        return

    def restore() -> None:
        app.current().schedules.restore(me(), removed)
        st.session_state.pop(_REMOVED, None)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("schedules.removed"), width="content")
        actions.button(t("schedules.undo"), restore, key="schedule.undo", icon=":material/undo:", needs=Role.ADMIN)


draw()

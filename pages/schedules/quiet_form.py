"""Quiet hours on the page of schedules: rest now, and the rules by which heavy work rests.

state, rest for an hour, until the card is idle (live) │ rules: windows of the week, programs, whether what runs stops too
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time as clock_time
from functools import partial
from time import time

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.domain.schedules.quiet_hours import DAYS, QuietRules, QuietWindow
from core.services.schedules.quiet_hours import Sight
from core.services.schedules.zones import local_zone
from pages.schedules import resting
from pages.shared import actions
from pages.text import t
from pages.visitor import me

HOUR = 3600.0
RESTS = (1, 3, 8)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS = (0, 1, 2, 3, 4)
EVENING, NIGHT = clock_time(18), clock_time(23)


def now() -> None:
    """Draw whether heavy work rests, and the buttons that let it rest or go on."""
    quiet = app.current().quiet_hours
    if quiet.now(me()) is not None:
        resting.draw("schedules")
        return
    st.caption(t("quiet.body"))
    with st.container(horizontal=True):
        for hours in RESTS:
            actions.button(
                t("quiet.rest", n=hours),
                partial(_rest, hours),
                key=f"quiet.rest.{hours}",
                done=t("quiet.resting"),
                needs=Role.MEMBER,
            )
        if quiet.sight(me()).card:
            idle = partial(quiet.rest_until_idle, me())
            actions.button(t("quiet.rest_idle"), idle, key="quiet.rest.idle", done=t("quiet.resting"), needs=Role.MEMBER)


def _rest(hours: int) -> None:
    app.current().quiet_hours.rest_until(me(), time() + hours * HOUR)


def rules() -> None:
    """Draw the rules, for those who may change them."""
    quiet = app.current().quiet_hours
    found = quiet.rules(me())
    with st.expander(t("quiet.rules"), icon=":material/schedule:", key="quiet-rules"):
        _windows(found)
        _programs(found, quiet.sight(me()))
        st.toggle(
            t("quiet.at_once"),
            found.at_once,
            key="quiet.at_once",
            help=t("quiet.at_once.help"),
            on_change=lambda: _change(at_once=bool(st.session_state["quiet.at_once"])),
        )


def _windows(found: QuietRules) -> None:
    st.markdown(t("quiet.windows", zone=found.zone or getattr(local_zone(), "key", "") or "UTC"))
    for place, window in enumerate(found.windows):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(said(window), width="content")
            rest = [each for number, each in enumerate(found.windows) if number != place]
            actions.button(
                t("quiet.window.remove"), partial(_set_windows, rest), key=f"quiet.remove.{place}", icon=":material/delete:"
            )
    days = st.pills(t("quiet.days"), range(DAYS), selection_mode="multi", default=WORKDAYS, key="quiet.days", format_func=_day)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        begins = st.time_input(t("quiet.from"), EVENING, key="quiet.from")
        ends = st.time_input(t("quiet.to"), NIGHT, key="quiet.to")
        new = {"days": list(days), "start": _minutes(begins), "end": _minutes(ends)}
        actions.button(
            t("quiet.window.add"),
            lambda: _change(windows=[*map(_shape, found.windows), new]),
            key="quiet.add",
            icon=":material/add:",
            done=t("quiet.saved"),
        )


def _programs(found: QuietRules, sight: Sight) -> None:
    help_text = t("quiet.programs.help" if sight.programs else "quiet.programs.container")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = st.text_input(t("quiet.programs"), ", ".join(found.processes), key="quiet.programs", help=help_text)
        actions.button(
            t("quiet.save"),
            lambda: _change(processes=names.replace("，", ",").split(",")),
            key="quiet.programs.save",
            done=t("quiet.saved"),
        )
    if not sight.programs:
        st.caption(t("quiet.programs.container"))


def said(window: QuietWindow) -> str:
    """Return a window as words: its days, from when to when."""
    days = t("quiet.every_day") if len(window.days) == DAYS else t("quiet.comma").join(_day(day) for day in window.days)
    start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.start, window.end))
    return t("quiet.window", days=days, start=start, end=end)


def _day(number: int) -> str:
    return t(f"cron.{WEEKDAYS[number]}")


def _minutes(at: clock_time | None) -> int:
    return at.hour * 60 + at.minute if at else 0


def _shape(window: QuietWindow) -> dict[str, object]:
    return {"days": list(window.days), "start": window.start, "end": window.end}


def _set_windows(windows: Sequence[QuietWindow]) -> None:
    _change(windows=[_shape(each) for each in windows])


def _change(**values: object) -> None:
    app.current().quiet_hours.change(me(), **values)

"""Moving a schedule, and adding one: the time as a cron expression, which is read out as it is typed, the zone, the rules.

expression, zone ─▶ words and the next five times, or what is wrong ─▶ save ─▶ castmind.schedules
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from core.domain.schedules.schedule import Missed, Schedule, SchedulePriority
from core.errors import CastMindError
from core.services.schedules.schedule_service import MOST_RETRIES
from core.services.schedules.zones import known_zones
from pages.schedules import schedule_words
from pages.shared import actions
from pages.shared.escape_markdown import plain
from pages.text import error_text, message_text, t
from pages.visitor import me

# Offered to those who do not know cron.
EXAMPLES = ("0 2 * * *", "30 18 * * 5", "0 */6 * * *", "0 7 1 * *")
FIRST = EXAMPLES[0]
MINUTE = 60.0
MOST_MINUTES = 1440


def change(schedule: Schedule) -> None:
    """Draw the fields of a schedule, with its present values."""
    key = f"schedule.{schedule.id}"
    with st.expander(t("schedules.change"), key=f"schedule-change-{schedule.id}"):
        name = None if schedule.builtin else st.text_input(t("schedules.name"), schedule.name, key=f"{key}.name", max_chars=100)
        values = _time(key, schedule.cron, schedule.zone) | _rules(key, schedule)
        if name is not None:
            values["name"] = name
        save = lambda: app.current().schedules.change(me(), schedule.id, **_changed(schedule, values))  # noqa: E731
        actions.button(t("schedules.save"), save, key=f"{key}.save", type="primary", done=t("schedules.saved"))


def add() -> None:
    """Draw the fields of a new schedule."""
    key = "schedule.new"
    with st.expander(t("schedules.add"), icon=":material/add:", key="schedule-add"):
        kinds = app.current().schedules.own_kinds(me())
        kind = st.selectbox(t("schedules.what"), kinds, key=f"{key}.kind", format_func=lambda name: t(f"schedules.kind.{name}"))
        st.caption(t(f"schedules.kind.{kind}.body"))
        parameters = _about(key, kind)
        values = _time(key, FIRST, "")
        values["name"] = st.text_input(t("schedules.name"), key=f"{key}.name", max_chars=100, help=t("schedules.name.help"))

        def create() -> None:
            given = dict(values)
            app.current().schedules.create(me(), kind, given.pop("cron"), parameters=parameters, **given)

        actions.button(t("schedules.add.save"), create, key=f"{key}.save", type="primary", done=t("schedules.added"))


def _time(key: str, cron: str, zone: str) -> dict[str, Any]:
    """Draw expression and zone, and below them what they mean."""
    help_text = t("schedules.cron.help", examples=", ".join(f"`{each}`" for each in EXAMPLES))
    with st.container(horizontal=True):
        said = st.text_input(t("schedules.cron"), cron, key=f"{key}.cron", max_chars=200, help=help_text)
        known = known_zones() if zone in known_zones() else (zone, *known_zones())
        chosen = st.selectbox(t("schedules.zone"), known, known.index(zone), key=f"{key}.zone", format_func=_zone_name)
    try:
        found = app.current().schedules.preview(me(), said, chosen)
    except CastMindError as error:
        st.error(plain(error_text(error.to_dict()), 400), icon=":material/error:")
    else:
        words = plain(message_text(found.words))
        st.caption(t("schedules.means", words=words, times=schedule_words.moments(found.times, chosen)))
    return {"cron": said, "zone": chosen}


def _zone_name(name: str) -> str:
    return name or t("schedules.zone.here")


def _rules(key: str, schedule: Schedule) -> dict[str, Any]:
    missed, priorities = list(Missed), list(SchedulePriority)
    with st.container(horizontal=True):
        chosen = st.selectbox(
            t("schedules.missed"),
            missed,
            missed.index(schedule.missed),
            key=f"{key}.missed",
            format_func=lambda each: t(f"schedules.missed.{each.value}"),
        )
        priority = st.selectbox(
            t("schedules.priority"),
            priorities,
            priorities.index(schedule.priority),
            key=f"{key}.priority",
            format_func=lambda each: t(f"schedules.priority.{each.value}"),
        )
    with st.container(horizontal=True):
        retries = st.number_input(t("schedules.retries"), 0, MOST_RETRIES, schedule.retries, key=f"{key}.retries")
        minutes = st.number_input(
            t("schedules.retry_minutes"), 1, MOST_MINUTES, max(1, round(schedule.retry_seconds / MINUTE)), key=f"{key}.wait"
        )
    return {"missed": chosen, "priority": priority, "retries": retries, "retry_seconds": minutes * MINUTE}


def _changed(schedule: Schedule, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that differ: a built-in schedule refuses those that it does not have."""
    present = {name: getattr(schedule, name) for name in values}
    return {name: getattr(value, "value", value) for name, value in values.items() if value != present[name]}


def _about(key: str, kind: str) -> dict[str, Any]:
    """Draw what a new schedule of this kind is about."""
    if kind == "transcribe":
        feeds = {row.feed.id: row.feed.title or row.feed.url for row in app.current().subscriptions.listing(me())}
        feed_id = st.selectbox(
            t("schedules.feed"),
            (0, *feeds),
            key=f"{key}.feed",
            format_func=lambda number: plain(feeds[number], 120) if number else t("schedules.every_feed"),
        )
        most = st.number_input(t("schedules.most"), 1, 500, 10, key=f"{key}.most")
        return {"feed_id": feed_id, "most": most}
    return {}

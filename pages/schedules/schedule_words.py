"""A schedule and its runs in words: names, times in its zone, outcomes, what a run did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import streamlit as st

from core import app
from core.domain.schedules.schedule import RunOutcome, Schedule, ScheduleRun
from core.services.schedules.schedule_service import ScheduleRow
from core.services.schedules.zones import zone_of
from pages.shared import formats
from pages.shared.escape_markdown import plain
from pages.text import has, message_text, t
from pages.visitor import me

ICONS = {
    RunOutcome.RUNNING: ":material/progress_activity:",
    RunOutcome.DONE: ":green[:material/check_circle:]",
    RunOutcome.FAILED: ":red[:material/error:]",
    RunOutcome.SKIPPED: ":gray[:material/check_circle:]",
    RunOutcome.CANCELLED: ":gray[:material/close:]",
    RunOutcome.INTERRUPTED: ":orange[:material/warning:]",
}


def name(schedule: Schedule) -> str:
    """Return the name that its owner gave it, or that of its kind."""
    if schedule.name:
        return schedule.name
    return t(f"schedules.builtin.{schedule.builtin}") if schedule.builtin else t(f"schedules.kind.{schedule.kind}")


def headline(row: ScheduleRow) -> str:
    """Return one line of Markdown: how it went last, name, time in words, when next."""
    schedule, last = row.schedule, row.last
    icon = ICONS[last.outcome] if last else ":gray[:material/schedule:]"
    when = plain(message_text(row.words)) if schedule.cron else t("schedules.own_clock")
    words = [f"**{plain(name(schedule))}**", when]
    if schedule.paused:
        words.append(t("schedules.paused"))
    elif schedule.next_at is not None:
        words.append(t("schedules.at", time=moment(schedule.next_at, schedule.zone)))
    return f"{icon} {' · '.join(words)}"


def about(schedule: Schedule) -> str:
    """Return what its runs do, and about which podcast or tag."""
    base = f"schedules.builtin.{schedule.builtin}" if schedule.builtin else f"schedules.kind.{schedule.kind}"
    words = [t(f"{base}.body")]
    feed_id = schedule.parameters.get("feed_id")
    if feed_id:
        titles = {row.feed.id: row.feed.title for row in app.current().subscriptions.listing(me())}
        words.append(t("schedules.only_feed", title=plain(titles.get(feed_id) or t("schedules.feed_gone"), 120)))
    return " ".join(words)


def moment(at: float, zone: str) -> str:
    """Return a time of the schedule's own zone, which is named if it is another than the reader's."""
    local = datetime.fromtimestamp(at, zone_of(zone))
    said = formats.time_of(at)
    if local.utcoffset() == local.astimezone(formats.zone()).utcoffset():
        return said
    return t("schedules.in_zone", time=said, local=f"{local:%H:%M}", zone=plain(zone or str(local.tzname() or "")))


def moments(times: Iterable[float], zone: str) -> str:
    return formats.listed(moment(each, zone) for each in times)


def outcome(run: ScheduleRun) -> str:
    """Return a run as one line of Markdown: when, how it ended, how long, why it began, what it did."""
    words = [formats.time_of(run.started_at), t(f"schedules.outcome.{run.outcome.value}")]
    if run.ended_at is not None and run.outcome is not RunOutcome.SKIPPED:
        words.append(formats.span(max(run.ended_at - run.started_at, 0.0)))
    if run.cause.value != "time":
        words.append(t(f"schedules.cause.{run.cause.value}"))
    words += [_count(key, value) for key, value in run.did.items() if value not in ("", None)]
    return f"{ICONS[run.outcome]} {' · '.join(words)}"


def _count(key: str, value: int | str) -> str:
    text = f"schedules.did.{key}"
    return t(text, n=value) if has(text) else plain(str(value), 120)


def polls() -> None:
    """Say which podcasts are read next: each has its own rhythm."""
    listed = [
        t("schedules.poll", title=plain(feed.title or "", 80), time=formats.time_of(feed.next_poll_at))
        for feed in app.current().schedules.next_feeds(me())
        if feed.next_poll_at
    ]
    if listed:
        st.markdown(t("schedules.next", times=formats.listed(listed)))

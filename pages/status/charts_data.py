"""The figures of the status page as charts: the summary sentence of each, its points or parts, its text when empty.

Figures, Disk ─▶ hours · speed · queue · disk · feeds ─▶ charts.mount
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.domain.jobs.job import State
from pages.shared import formats
from pages.status import charts
from pages.status.charts import Json
from pages.text import error_text, t

if TYPE_CHECKING:
    from core.domain.episodes.statistics import TranscriptionRun
    from core.services.library.disk_use import Disk
    from core.services.library.statistics import FeedStanding, Figures, HeardHours

HOUR = 3600.0
# From here on minutes are left out.
MANY_HOURS = 100 * HOUR
FEEDS_SHOWN = 6
DEVICES = ("cuda", "cpu")
STATES = {
    State.RUNNING: "blue",
    State.QUEUED: "sky",
    State.WAITING: "orange",
    State.FAILED: "red",
    State.CANCELLED: "gray",
}
STOPPED = (State.FAILED, State.CANCELLED)
KINDS = {
    "media": "green",
    "covers": "sage",
    "uploads": "blue",
    "inbox": "sky",
    "models": "violet",
    "exports": "lilac",
    "backups": "orange",
    "database": "yellow",
    "logs": "gray",
    "other": "faint",
}
STANDINGS = {"fine": "green", "due": "sky", "failing": "orange", "gone": "red"}


def all_charts(figures: Figures, disk: Disk | None) -> list[Json]:
    return [hours(figures), speed(figures), queue(figures), disk_chart(disk), feeds(figures.feeds)]


def length(seconds: float) -> str:
    """Format an amount of audio: `40 s`, `12 min`, `3 h 20 min`, `340 h`; never in days, which are no measure of listening."""
    if seconds < HOUR:
        return formats.span(seconds)
    if seconds >= MANY_HOURS:
        return t("charts.hours.many", n=f"{seconds / HOUR:,.0f}")
    minutes = round(seconds / 60)
    return t("format.hours", h=minutes // 60, m=minutes % 60)


# --- hours transcribed ------------------------------------------------------------------------------


def hours(figures: Figures) -> Json:
    title = t("charts.hours")
    if not figures.seconds:
        return charts.chart("hours", title, "", empty=t("charts.hours.none"), next=_to("", t("charts.hours.begin")))
    month = length(sum(heard.seconds for heard in figures.days))
    said = t("charts.hours.said", month=month, all=length(figures.seconds))
    return charts.chart("hours", title, said, ranges=[_heard("days", figures.days), _heard("weeks", figures.weeks)])


def _heard(name: str, spells: Sequence[HeardHours]) -> Json:
    points = [
        charts.point(heard.seconds, formats.day(heard.period.start), [formats.date(heard.period.start), length(heard.seconds)])
        for heard in spells
    ]
    columns = [t(f"charts.hours.{name}.column"), t("charts.hours.column")]
    return charts.plot_range(name, t(f"charts.hours.{name}"), points, _length_ticks(max(h.seconds for h in spells)), columns)


def _length_ticks(most: float) -> list[Json]:
    """Return ticks in hours, or in minutes where there is less than an hour."""
    unit, key = (HOUR, "charts.hours.tick") if most >= HOUR else (60.0, "format.minutes")
    drawn = charts.ticks(most / unit, lambda value: t(key, n=f"{value:g}"))
    return [tick | {"value": tick["value"] * unit} for tick in drawn]


# --- real-time factor -------------------------------------------------------------------------------


def speed(figures: Figures) -> Json:
    title = t("charts.speed")
    if figures.factor is None:
        return charts.chart("speed", title, "", empty=t("charts.speed.none"))
    said = t("charts.speed.said", n=len(figures.runs), factor=_factor(figures.factor), time=formats.span(figures.factor * HOUR))
    points = [_run(run) for run in reversed(figures.runs)]
    ticks = charts.ticks(max(run.factor for run in figures.runs), lambda value: f"{value:.3g}")
    columns = [t(f"charts.speed.{name}") for name in ("when", "factor", "device", "audio", "episode")]
    devices = [{"shape": name, "name": t(f"option.{name}")} for name in DEVICES if any(r.device == name for r in figures.runs)]
    legend = [*devices, {"shape": "median", "name": t("charts.speed.median")}]
    more = {"dots": True, "median": figures.factor, "legend": legend}
    return charts.chart("speed", title, said, ranges=[charts.plot_range("runs", "", points, ticks, columns, **more)])


def _run(run: TranscriptionRun) -> Json:
    device = t(f"option.{run.device}") if run.device in DEVICES else run.device
    words = t("charts.speed.with", device=device, model=run.model)
    cells = [formats.time_of(run.finished_at), _factor(run.factor), words, length(run.duration), run.title or ""]
    leads = charts.link("episode", id=str(run.episode_id)) if run.title else {}
    return charts.point(run.factor, formats.day(run.finished_at), cells, colour=run.device, **leads)


def _factor(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


# --- queue ------------------------------------------------------------------------------------------


def queue(figures: Figures) -> Json:
    title, total = t("charts.queue"), figures.episodes
    if not total:
        return charts.chart("queue", title, "", empty=t("charts.queue.none"))
    counts = {state: figures.queue.get(state, 0) for state in STATES}
    open_ones = sum(counts.values())
    said = t(
        "charts.queue.open" if open_ones else "charts.queue.idle",
        done=_number(figures.queue.get(State.DONE, 0)),
        all=_number(total),
        open=_number(open_ones),
    )
    parts = [
        charts.part(
            t(f"state.{state.value}"),
            counts[state],
            _number(counts[state]),
            colour,
            **charts.link("queue", **({"show": "failed"} if state in STOPPED else {})),
        )
        for state, colour in STATES.items()
    ]
    return charts.chart("queue", title, said, bars=[{"label": "", "parts": charts.without_nothing(parts)}] if open_ones else [])


def _number(count: int) -> str:
    return f"{count:,}"


# --- disk -------------------------------------------------------------------------------------------


def disk_chart(disk: Disk | None) -> Json:
    title = t("charts.disk")
    if disk is None:
        return charts.chart("disk", title, "", empty=t("charts.disk.counting"))
    said = t("charts.disk.said", ours=formats.size(disk.ours), free=formats.size(disk.free))
    kinds = [_room(t(f"charts.disk.{kind}"), disk.kinds[kind], colour) for kind, colour in KINDS.items()]
    whole = [_room("CastMind", disk.ours, "green"), _room(t("charts.disk.others"), disk.others, "gray")]
    bars = [
        {"label": t("charts.disk.kinds"), "parts": sorted(charts.without_nothing(kinds), key=lambda part: -part["value"])},
        {"label": t("charts.disk.whole"), "parts": [*whole, _room(t("charts.disk.free"), disk.free, "faint")]},
    ]
    return charts.chart("disk", title, said, bars=bars)


def _room(name: str, count: int, colour: str) -> Json:
    return charts.part(name, count, formats.size(count), colour)


# --- feeds ------------------------------------------------------------------------------------------


def feeds(rows: Sequence[FeedStanding]) -> Json:
    title = t("charts.feeds")
    if not rows:
        return charts.chart("feeds", title, "", empty=t("charts.feeds.none"), next=_to("feeds", t("charts.feeds.begin")))
    counts: Mapping[str, int] = {name: sum(row.standing == name for row in rows) for name in STANDINGS}
    ill = [row for row in rows if row.standing in ("failing", "gone")]
    key = "charts.feeds.ill" if ill else "charts.feeds.well"
    parts = [charts.part(t(f"charts.feeds.{name}"), counts[name], _number(counts[name]), STANDINGS[name]) for name in STANDINGS]
    rest = t("charts.feeds.more", n=len(ill) - FEEDS_SHOWN)
    more = charts.link("feeds", problems="1") | {"name": rest} if len(ill) > FEEDS_SHOWN else None
    return charts.chart(
        "feeds",
        title,
        t(key, n=_number(len(ill)), all=_number(len(rows))),
        bars=[{"label": "", "parts": charts.without_nothing(parts)}],
        rows=[_ill(row) for row in ill[:FEEDS_SHOWN]],
        more=more,
    )


def _ill(row: FeedStanding) -> Json:
    since = row.feed.last_success_at
    words = t("charts.feeds.since", time=formats.time_of(since)) if since else t("charts.feeds.never")
    why = error_text(row.feed.error)[:300] if row.feed.error else ""
    leads = charts.link("feeds", q=row.feed.title)
    return {"name": row.feed.title, "said": f"{words} {why}".strip(), "colour": STANDINGS[row.standing], **leads}


def _to(page: str, words: str) -> Json:
    return charts.link(page) | {"name": words}

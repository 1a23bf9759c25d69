"""Charts as one component: pictures with words, reachable by keyboard and read by screen readers as tables.

Plot    columns or dots over time, in one or several ranges: arrow keys walk from point to point, a table holds the same data
Stack   bars of parts that make a whole; the words beside them are the table
chart ─▶ component ─ trigger `asked` [{page, query}] ─▶ the page's callback: links stay inside the app, so playback continues
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.shared.component_source import source, told
from pages.text import t

KEY = "charts"
_SCRIPTS = ("shared/page.js", "chart_plot.js", "charts.js")
_WORDS = ("table", "keys")
_TICKS = 4

_component = st.components.v2.component(
    "castmind_charts",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, "charts.css"),
)

Json = dict[str, Any]


def mount(drawn: Sequence[Json], asked: Callable[[], None]) -> None:
    """Mount the component. Its data is in a list: Streamlit would search a dictionary for data frames, and that loads pandas for
    good.
    """
    data = {"charts": list(drawn), "text": {name: t(f"charts.{name}") for name in _WORDS}}
    _component(key=KEY, data=[data], on_asked_change=asked)


def wish() -> tuple[str, dict[str, str]] | None:
    """Return the requested page and the query of its URL. The value comes from the browser, so its shape is checked."""
    match told(KEY, "asked"):
        case [{"page": str(page), "query": dict(query)}] if all(isinstance(v, str) for v in query.values()):
            return page, {str(name): value for name, value in query.items()}
    return None


# --- shapes -----------------------------------------------------------------------------------------


def chart(key: str, title: str, said: str, **more: Any) -> Json:
    """Return a chart. `said` is the sentence that sums it up. `more`: empty | ranges | bars | rows, as below."""
    return {"key": key, "title": title, "said": said} | more


def plot_range(name: str, label: str, points: Sequence[Json], ticks: Sequence[Json], columns: Sequence[str], **more: Any) -> Json:
    """Return the points of one plot. `columns` are the headings of its table, whose rows are the `cells` of the points."""
    return {"name": name, "label": label, "points": list(points), "ticks": list(ticks), "columns": list(columns)} | more


def point(value: float, short: str, cells: Sequence[str], **more: Any) -> Json:
    """Return a point. `short` is its label below the axis, where there is room."""
    return {"value": value, "short": short, "cells": list(cells)} | more


def part(name: str, value: float, said: str, colour: str, **more: Any) -> Json:
    """Return a part of a stacked bar. `colour` is a class of charts.css."""
    return {"name": name, "value": value, "said": said, "colour": colour} | more


def link(page: str, **query: str) -> Json:
    """Return a link. `page` is the file's name without its suffix, "" for the library."""
    return {"go": {"page": page, "query": query}, "href": f"/{page}{'?' if query else ''}{urlencode(query)}"}


def ticks(most: float, said: Callable[[float], str], count: int = _TICKS) -> list[Json]:
    """Return round values from 0 up to at least `most`: steps of 1, 2 or 5 with zeros."""
    step = _round_up(most / count) if most > 0 else 1.0
    return [{"value": n * step, "said": said(n * step)} for n in range(math.ceil(most / step - 1e-9) + 1)]


def _round_up(step: float) -> float:
    ten = 10.0 ** math.floor(math.log10(step))
    return next(ten * nice for nice in (1, 2, 5, 10) if ten * nice >= step * (1 - 1e-9))


def share(value: float, whole: float) -> float:
    return value / whole if whole else 0.0


def without_nothing(parts: Sequence[Mapping[str, Any]]) -> list[Json]:
    return [dict(each) for each in parts if each["value"] > 0]

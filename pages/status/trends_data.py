"""The history of CastMind as charts: queue, speed, errors and free disk space over a day, a month and two years.

TrendView ─▶ a sentence (now, unlike the last weeks, full in so many days) and its ranges ─▶ charts.mount, behind the other charts
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pages.shared import formats
from pages.status import charts
from pages.status.charts import Json
from pages.text import t

if TYPE_CHECKING:
    from core.domain.trends import TrendPoint
    from core.services.library.trends import TrendView

SIZES = {"disk"}


def trend_charts(views: Sequence[TrendView]) -> list[Json]:
    return [_chart(view) for view in views if any(len(points) > 1 for points in view.spans.values())]


def _chart(view: TrendView) -> Json:
    said = _format(view.series)
    ranges = [_range(span, points, said) for span, points in view.spans.items() if len(points) > 1]
    return charts.chart(f"trend-{view.series}", t(f"trends.{view.series}"), _sentence(view, said), ranges=ranges)


def _sentence(view: TrendView, said: Callable[[float], str]) -> str:
    told = [t("trends.now", value=said(view.now))] if view.now is not None else []
    if view.unlike is not None:
        told.append(t("trends.unlike", value=said(view.unlike.value), usual=said(view.unlike.usual)))
    if view.full_in is not None:
        told.append(t("trends.full_in", n=max(round(view.full_in), 1)))
    return " ".join(told)


def _range(span: str, points: Sequence[TrendPoint], said: Callable[[float], str]) -> Json:
    label: Mapping[str, Callable[[float], str]] = {"day": formats.hour, "month": formats.day, "years": formats.day}
    drawn = [charts.point(p.value, label[span](p.at), [formats.time_of(p.at), said(p.value)]) for p in points]
    ticks = charts.ticks(max(p.value for p in points), said)
    return charts.plot_range(span, t(f"trends.{span}"), drawn, ticks, [t("trends.when"), t("trends.value")])


def _format(series: str) -> Callable[[float], str]:
    return (lambda value: formats.size(round(value))) if series in SIZES else (lambda value: f"{value:,.3g}")

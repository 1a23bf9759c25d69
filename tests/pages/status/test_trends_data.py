from __future__ import annotations

import pytest

from core.domain.trends import TrendPoint, Unlike
from core.services.library.trends import TrendView
from pages.status.trends_data import trend_charts

pytestmark = pytest.mark.usefixtures("castmind")
POINTS = [TrendPoint(1_770_000_000.0 + 900 * number, 1e9 * number) for number in range(5)]
SPANS = {"day": POINTS, "month": POINTS[:2], "years": POINTS[:1]}


def test_a_chart_has_the_spans_with_something_to_draw() -> None:
    (chart,) = trend_charts([TrendView("disk", SPANS, 4e9, full_in=12.3)])
    assert [each["name"] for each in chart["ranges"]] == ["day", "month"]
    assert len(chart["ranges"][0]["points"]) == 5 and chart["ranges"][0]["ticks"][-1]["value"] >= 4e9
    assert "GB" in chart["said"] and "12 days" in chart["said"]
    assert all(len(point["cells"]) == 2 for point in chart["ranges"][0]["points"])


def test_a_day_unlike_the_last_weeks_is_told_with_the_usual_number() -> None:
    (chart,) = trend_charts([TrendView("queue", SPANS, 400.0, unlike=Unlike(400.0, 10.0))])
    assert "400" in chart["said"] and "10" in chart["said"]


def test_a_history_of_one_point_is_not_drawn() -> None:
    assert trend_charts([TrendView("queue", {"day": POINTS[:1]}, 1.0)]) == []


def test_a_disk_that_is_full_tomorrow_or_today_is_full_in_one_day() -> None:
    (chart,) = trend_charts([TrendView("disk", SPANS, 1e9, full_in=0.2)])
    assert "1 day." in chart["said"]

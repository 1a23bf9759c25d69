"""The shapes of charts: round ticks, links inside the app, and requests whose shape is checked."""

from __future__ import annotations

import pytest
import streamlit as st

from pages.status import charts


@pytest.mark.parametrize(
    ("most", "values"),
    [
        (0, [0]),
        (1, [0, 0.5, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (7, [0, 2, 4, 6, 8]),
        (95, [0, 50, 100]),
        (0.03, [0, 0.01, 0.02, 0.03]),
        (40_000, [0, 10_000, 20_000, 30_000, 40_000]),
    ],
)
def test_ticks_are_round_and_reach_the_largest_value(most: float, values: list[float]) -> None:
    ticks = charts.ticks(most, str)
    assert [tick["value"] for tick in ticks] == pytest.approx(values)
    assert [tick["said"] for tick in ticks] == [str(tick["value"]) for tick in ticks]


def test_a_link_has_its_query_escaped() -> None:
    assert charts.link("") == {"go": {"page": "", "query": {}}, "href": "/"}
    assert charts.link("feeds", q="a&b c") == {"go": {"page": "feeds", "query": {"q": "a&b c"}}, "href": "/feeds?q=a%26b+c"}


def test_a_share_of_nothing_is_none_and_empty_parts_are_left_out() -> None:
    assert (charts.share(1, 4), charts.share(1, 0)) == (0.25, 0.0)
    parts = [charts.part("a", 0, "0", "red"), charts.part("b", 2, "2", "blue")]
    assert charts.without_nothing(parts) == [{"name": "b", "value": 2, "said": "2", "colour": "blue"}]


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ([{"page": "queue", "query": {"show": "failed"}}], ("queue", {"show": "failed"})),
        ([{"page": "", "query": {}}], ("", {})),
        ([{"page": "queue", "query": {"show": 1}}], None),
        ([{"page": 7, "query": {}}], None),
        ([{"page": "queue"}], None),
        ([], None),
        (None, None),
    ],
)
def test_only_a_page_with_a_query_of_words_is_a_request(monkeypatch: pytest.MonkeyPatch, asked: object, wish: object) -> None:
    monkeypatch.setattr(st, "session_state", {charts.KEY: {"asked": asked}})
    assert charts.wish() == wish

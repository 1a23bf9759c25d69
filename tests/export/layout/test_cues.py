from __future__ import annotations

import pytest

from core.export.layout.cues import clock, one_line, stamp


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00.000"), (59.9996, "00:01:00.000"), (3723.45, "01:02:03.450"), (360000, "100:00:00.000"), (-1, "00:00:00.000")],
)
def test_a_clock_shows_hours_to_milliseconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_stamp_names_hours_only_when_there_are_some() -> None:
    assert [stamp(s) for s in (0, 65.9, 3723)] == ["00:00", "01:05", "1:02:03"]


def test_one_line_holds_no_breaks_and_no_half_characters() -> None:
    assert one_line(" a\r\n\tb\x00\u2028c\ud800 d\x85e ") == "a b c d e"

from __future__ import annotations

import pytest

from core.export.cues import clock, cue_times, one_line, stamp, wrap


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00.000"), (59.9996, "00:01:00.000"), (3723.45, "01:02:03.450"), (360000, "100:00:00.000"), (-1, "00:00:00.000")],
)
def test_a_clock_shows_hours_to_milliseconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_stamp_names_hours_only_when_there_are_some() -> None:
    assert [stamp(s) for s in (0, 65.9, 3723)] == ["00:00", "01:05", "1:02:03"]


def test_a_cue_never_lasts_no_time() -> None:
    assert cue_times(1.0, 1.0) == "00:00:01.000 --> 00:00:01.001"


def test_one_line_holds_no_breaks_and_no_half_characters() -> None:
    assert one_line(" a\r\n\tb\x00\u2028c\ud800 d\x85e ") == "a b c d e"


def test_wrapping_keeps_every_word_and_fits() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    lines = wrap(text).split("\n")
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= 42 and len(lines) == 2


def test_wrapping_chinese_breaks_anywhere_but_before_punctuation() -> None:
    text = "今天我们谈经济和音乐，" * 5
    lines = wrap(text).split("\n")
    assert "".join(lines) == text
    assert len(lines) > 1 and not any(line.startswith("，") for line in lines)


def test_mixed_text_is_wrapped_without_losing_spaces() -> None:
    text = "我们用 Python 和 Rust 写 software，每天 eight hours，很 happy 的一天"
    assert wrap(text, 10).replace("\n", "").replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= 12 for line in wrap(text, 10).split("\n"))


def test_a_word_longer_than_a_line_stays_whole() -> None:
    assert wrap("x" * 60) == "x" * 60

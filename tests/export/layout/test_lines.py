from __future__ import annotations

import pytest

from core.export.layout.lines import best_lines, fits_one, fits_two, pieces, width


def parts(text: str) -> list[str]:
    return [piece.text for piece in pieces(text)]


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("one two", ["one ", "two"]),
        ("今天，我们", ["今", "天，", "我", "们"]),
        ("（今天）好", ["（今", "天）", "好"]),
        ("我用Python写", ["我", "用", "Python", "写"]),
        ("it's 3.5 %, e-mail", ["it's ", "3.5 ", "%, ", "e-mail"]),
        ("他说“你好”吗", ["他", "说", "“你", "好”", "吗"]),
        ("cafe\u0301 今\ufe00天", ["cafe\u0301 ", "今\ufe00", "天"]),
    ],
)
def test_text_comes_apart_at_words_and_at_characters_with_their_marks(text: str, apart: list[str]) -> None:
    assert parts(text) == apart
    assert "".join(apart) == text


def test_a_wide_character_takes_two_columns_and_an_accent_none() -> None:
    assert [width(t) for t in ("abc", "今天", "e\u0301", "한")] == [3, 4, 1, 2]


@pytest.mark.parametrize(
    ("text", "one", "two"),
    [
        ("x " * 20 + "xx", True, True),
        ("x " * 20 + "xxx", False, True),
        ("天" * 16, True, True),
        ("天" * 17, False, True),
        ("天" * 33, False, False),
        ("x" * 60, True, True),
    ],
)
def test_a_line_holds_42_columns_or_16_wide_characters(text: str, one: bool, two: bool) -> None:
    assert (fits_one(parts(text)), fits_two(parts(text))) == (one, two)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Short.", ("Short.",)),
        ("I said no, and he went home without a word.", ("I said no,", "and he went home without a word.")),
        ("The people who live here know that it is true.", ("The people who live here", "know that it is true.")),
        # Of two breaks that read alike, the one that leaves lines of similar length; of two alike in that too, the longer below.
        ("wide words keep their place while narrow ones slip", ("wide words keep their place", "while narrow ones slip")),
        ("aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj", ("aaaa bbbb cccc dddd eeee", "ffff gggg hhhh iiii jjjj")),
        ("aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii", ("aaaa bbbb cccc dddd", "eeee ffff gggg hhhh iiii")),
        ("a" * 20 + " xy " + "b" * 21, ("a" * 20, "xy " + "b" * 21)),
        ("今天我们谈经济和音乐，会议在五点开始。", ("今天我们谈经济和音乐，", "会议在五点开始。")),
    ],
)
def test_a_break_stands_where_a_phrase_ends(text: str, lines: tuple[str, ...]) -> None:
    assert best_lines(parts(text)) == lines

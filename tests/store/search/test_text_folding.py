from __future__ import annotations

import random

import pytest

from core.store.search import text_folding


def found(text: str, query: str, *, prefix: bool = False) -> list[str] | None:
    """The parts of the text that a query of one term marks."""
    sought = text_folding.sought(query, prefix=prefix)
    assert sought
    marks = text_folding.find(text, [sought])
    return None if marks is None else [text[a:b] for a, b in marks]


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("我们讨论机器学习", "机器学习", ["机器学习"]),
        ("我们讨论机器学习", "学", ["学"]),
        ("我們討論機器學習", "机器学习", ["機器學習"]),
        ("我们讨论机器学习", "機器", ["机器"]),
        ("你好,世界", "好世", None),
        ("你好,世界", "你好,世界", ["你好,世界"]),
        ("使用AI模型", "AI模", ["AI模"]),
        ("使用 AI 模型", "AI模型", ["AI 模型"]),
        ("The Café", "cafe", ["Café"]),
        ("the cafe", "CAFÉ", ["cafe"]),
        ("e\u0301te\u0301 1999", "été", ["e\u0301te\u0301"]),
        ("Łódź, Malmø", "lodz", ["Łódź"]),
        ("Straße", "strasse", ["Straße"]),
        ("ＡＢＣ　１２", "abc", ["ＡＢＣ"]),
        ("ﾊﾟｿｺﾝです", "パソコン", ["ﾊﾟｿｺﾝ"]),
        ("が", "か", None),
        ("한국어를 배워요", "한국어", ["한국어"]),
        ("हिन्दी भाषा", "हिन्दी", ["हिन्दी"]),
        ("हिन्दी भाषा", "हनद", None),
        ("ภาษาไทยง่าย", "ไทย", ["ไทย"]),
        ("I write C++ and C#.", "c++", ["C++"]),
        ("I write C++ and C#.", "c", None),
        ("学C++语言", "c++", ["C++"]),
        ("well done 👍🏽", "👍", ["👍"]),
        ("partly art", "art", ["art"]),
        ("don’t stop", "don't", ["don’t"]),
        ("large, large model", "large model", ["large model"]),
        ("显存显存显存", "显存", ["显存显存显存"]),
        ("a\u00adb", "ab", ["a\u00adb"]),
    ],
)
def test_what_is_found_and_marked(text: str, query: str, marked: list[str] | None) -> None:
    assert found(text, query) == marked


def test_a_beginning_marks_what_was_typed() -> None:
    assert found("quantum Quantised quark", "quant", prefix=True) == ["quant", "Quant"]
    assert found("quantum", "quant") is None


@pytest.mark.parametrize("text", ["", " ", "!?。、", "\u0301", "—"])
def test_signs_alone_cannot_be_looked_for(text: str) -> None:
    assert text_folding.sought(text) is None


def test_all_or_some() -> None:
    both = [s for word in ("gpu", "显存") if (s := text_folding.sought(word))]
    assert text_folding.find("GPU 显存", both) == [(0, 3), (4, 6)]
    assert text_folding.find("GPU", both) is None
    assert text_folding.find("GPU", both, some=True) == [(0, 3)]
    assert text_folding.find("CPU", both, some=True) is None
    assert text_folding.find("anything", []) == []


def test_every_part_of_an_unspaced_text_is_found_in_it() -> None:
    rng = random.Random(2)
    alphabet = "显存模型机器学習體かがパソ한국ไท🎉👍"
    for _ in range(500):
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 12)))
        at = rng.randrange(len(text))
        part = text[at : at + rng.randint(1, 4)]
        marked = found(text, part)
        assert marked is not None and part in "".join(marked), (text, part)


def test_marks_are_places_in_the_text_as_it_is_written() -> None:
    rng = random.Random(3)
    alphabet = ["é", "e\u0301", "ß", "ﬁ", "Ａ", "體", "㍿", "İ", "👍🏽", "ﾊﾟ", " ", "x", "。", "\u200d"]
    for _ in range(500):
        text = "".join(rng.choices(alphabet, k=10))
        for word in text.split():
            sought = text_folding.sought(word)
            marks = text_folding.find(text, [sought]) if sought else []
            assert marks is not None, (text, word)
            assert all(0 <= a < b <= len(text) for a, b in marks)
            assert marks == sorted(marks)

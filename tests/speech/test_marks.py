"""When a text lacks punctuation, and what may take its place."""

from __future__ import annotations

import pytest

from core.domain.transcript import Word
from core.speech import marks
from core.speech.decoder import Passage, Reading

BARE = " so this is where we stopped last week and nobody knew what to do about the harbour or the ships"
MARKED = " So this is where we stopped last week, and nobody knew what to do about the harbour or the ships."


def a_reading(text: str, log_probability: float = -0.3) -> Reading:
    return Reading((Passage(text, (Word(0.0, 1.0, text),)),), log_probability, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        BARE * 3 + ".",
        " и вот мы остановились там на прошлой неделе и никто не знал что делать с гаванью или кораблями",
        "可能说更适合美国市场应该是什么样子这个可能说当然如果是有机会能亲身去考察",
        "可能說更適合美國市場 應該是什麼樣子 這個可能說 當然如果是有機會能親身去考察 去瞭解一下",
        "それで先週はここで終わったのですが誰も港や船をどうすればいいのかわかりませんでした",
    ],
)
def test_a_long_text_with_hardly_a_mark_lacks_them(text: str) -> None:
    assert marks.lacking(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ...",
        MARKED,
        " one two three four five",
        "甚至出现交易几乎停滞的情况",
        "可能说更适合美国市场应该是什么样子？这个可能说，当然如果是有机会能亲身去考察。",
        " هل تعرف ما حدث في الميناء الأسبوع الماضي؟ لا أحد يعرف ماذا يفعل بالسفن الآن",
    ],
)
def test_a_short_or_marked_text_does_not(text: str) -> None:
    assert not marks.lacking(text)


def test_another_reading_must_say_as_much_be_as_sure_and_have_marks() -> None:
    first = a_reading(BARE)
    assert marks.may_replace(a_reading(MARKED), first)
    assert marks.may_replace(a_reading(MARKED, -0.39), first), "marks are tokens of their own"
    assert not marks.may_replace(a_reading(MARKED, -0.5), first)
    assert not marks.may_replace(a_reading(" So this is where we stopped last week, and nobody knew what to do."), first)
    assert not marks.may_replace(a_reading(MARKED + MARKED), first)
    assert not marks.may_replace(a_reading(BARE + " now"), first)


def test_only_speech_that_is_mostly_written_bare_is_shown_an_example_and_only_at_first() -> None:
    assert marks.at_first("zh", 0) == marks.example("zh") == "OK。"
    assert marks.at_first("zh", 1) == marks.at_first("en", 0) == marks.at_first("ja", 0) == ""
    assert (marks.example("en"), marks.example("ja")) == (" OK.", "OK。")

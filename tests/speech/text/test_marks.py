"""Detect text without punctuation, and check its replacement."""

from __future__ import annotations

import random

import pytest

from core.domain.transcripts.transcript import Word
from core.speech.text import marks
from core.speech.worker.decoder import DecodedText
from core.speech.worker.passages import Passage

BARE = " so this is where we stopped last week and nobody knew what to do about the harbour or the ships"
MARKED = " So this is where we stopped last week, and nobody knew what to do about the harbour or the ships."


def a_reading(text: str, log_probability: float = -0.3) -> DecodedText:
    return DecodedText((Passage(text, (Word(0.0, 1.0, text),)),), log_probability, 0.0)


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
    assert marks.lacking(text, "en")


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
    assert not marks.lacking(text, "en")


def test_what_is_written_without_marks_lacks_none() -> None:
    thai = "สวัสดีครับวันนี้เราจะมาพูดถึงเรื่องอากาศและอาหารที่เราชอบกันมากที่สุดในประเทศไทยตอนนี้เลยนะครับทุกคน"
    assert marks.lacking(thai, "en")
    assert not marks.lacking(thai, "th")
    burmese = "မင်္ဂလာပါ။ ဒီနေ့ ရာသီဥတု ကောင်းပါတယ်။ ကျွန်တော်တို့ ဈေးသွားကြမယ်။ နောက်မှ တွေ့ကြမယ်။"
    assert not marks.lacking(burmese, "my")


def a_passage(*texts: str) -> Passage:
    return Passage("".join(texts), tuple(Word(float(i), i + 0.5, text, 0.9) for i, text in enumerate(texts)))


def written(first: list[str], other: str) -> str:
    """Return the punctuated words; only marks and capitals may change."""
    reading = DecodedText((a_passage(*first),), -0.3, 0.0)
    found = marks.written_as(reading, DecodedText((a_passage(other),), -0.5, 0.2))
    letters = [[c for c in w.text.lower() if c.isalnum()] for w in found.words]
    assert letters == [[c for c in text.lower() if c.isalnum()] for text in first]
    assert [(w.start, w.end, w.probability) for w in found.words] == [(w.start, w.end, w.probability) for w in reading.words]
    assert (found.mean_log_probability, found.no_speech) == (-0.3, 0.0)
    return found.text


@pytest.mark.parametrize(
    ("first", "other", "becomes"),
    [
        ([" so", " this", " is", " it", " right"], " So, this is it. Right?", " So, this is it. Right?"),
        ([" so", " this", " is", " it", " right"], " So this was it. Right!", " So this is it. Right!"),
        ([" so", " this", " is", " it", " right"], " So this.", " So this. is it right"),
        ([" the", " levels", " are", " okay", " i", " know"], " The levels are OK. I know.", " The levels are okay. I know."),
        ([" don't", " go"], " Don't go...", " Don't go."),
        ([" we", " know"], "", " we know"),
        ([" at", " 9:30", " 3,000", " came"], " At 9:30 3,000 came.", " At 9:30 3,000 came."),
        (["花", "了 ", "3000", "元"], "花了3,000元。", "花了 3000元。"),
        (["不是", "现", "在"], "不是，现在？", "不是，现在？"),
        # In the other script, and with other characters of the same sound.
        (["達", "摩", "院", "推", "出", " 歡", "迎"], "打魔院推出。欢迎！", "達摩院推出。 歡迎！"),
        (["好 ", "首", "先"], "好,首先", "好,首先"),
        ([" и", " вот", " мы", " тут"], " И вот, мы тут.", " И вот, мы тут."),
    ],
)
def test_marks_and_capitals_are_taken_over_and_no_word_changes(first: list[str], other: str, becomes: str) -> None:
    assert written(first, other) == becomes


def test_random_readings_keep_every_word() -> None:
    chance = random.Random(7)
    for _ in range(300):
        first = ["".join(chance.choices(" abcdİß不是現在12'", k=chance.randint(1, 6))) for _ in range(chance.randint(1, 30))]
        other = "".join(chance.choices("abcdABİ不是现在12 ,.。？！", k=chance.randint(0, 90)))
        reading = DecodedText((a_passage(*first[:9]), a_passage(*first[9:])), -0.3, 0.0)
        found = marks.written_as(reading, a_reading(other))
        plain = [[c for c in text.lower() if c.isalnum()] for text in first]
        assert [[c for c in word.text.lower() if c.isalnum()] for word in found.words] == plain
        assert [p.text for p in found.passages] == ["".join(w.text for w in p.words) for p in found.passages]


def test_the_example_is_of_the_languages_marks() -> None:
    assert [marks.example(language) for language in ("en", "zh", "yue", "ja", "ru")] == [" OK.", "OK。", "OK。", "OK。", " OK."]

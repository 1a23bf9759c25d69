"""Chinese: punctuation from pauses, and the script."""

from __future__ import annotations

import pytest

from core.domain.transcripts.transcript import Word
from core.speech.request import ChineseScript
from core.speech.text.chinese import is_chinese, punctuate, write_chinese
from core.speech.text.sentences import HeardPiece


def said(text: str, start: float = 0.0, pauses: dict[int, float] | None = None) -> HeardPiece:
    """One word a character, 0.2 s each; `pauses` are seconds before the character at an index."""
    at, words = start, []
    for i, char in enumerate(text):
        at += (pauses or {}).get(i, 0.0)
        words.append(Word(at, at + 0.2, char))
        at += 0.2
    return HeardPiece(start, at, text, tuple(words))


def write(*heard: HeardPiece, script: ChineseScript = "as_heard") -> list[str]:
    written = write_chinese(punctuate(heard), script)
    assert all("".join(w.text for w in h.words).strip() == h.text.strip() for h in written)
    return [h.text for h in written]


def test_pauses_become_commas_and_ends_full_stops() -> None:
    assert write(said("今天我们谈音乐然后休息", pauses={7: 0.6})) == ["今天我们谈音乐，然后休息。"]
    assert write(said("你喜欢足球吗")) == ["你喜欢足球吗？"]


def test_a_piece_that_goes_on_at_once_ends_with_a_comma() -> None:
    first = said("今天我们谈")
    assert write(first, said("音乐", start=first.end + 0.05)) == ["今天我们谈，", "音乐。"]


def test_a_sentence_does_not_go_on_for_ever() -> None:
    pieces, at = [], 0.0
    for _ in range(12):
        pieces.append(said("我们今天谈音乐和电影", start=at))
        at = pieces[-1].end + 0.1
    written = write(*pieces)
    assert sum(text.endswith("。") for text in written) >= 2


def test_statements_with_question_like_endings_stay_statements() -> None:
    assert write(said("他还在那儿等着呢")) == ["他还在那儿等着呢。"]
    assert write(said("没什么")) == ["没什么。"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("好的, 今天我们谈音乐, 对吗?", "好的，今天我们谈音乐，对吗？"),
        ("价格是3.5元, 比GPT-4.1便宜!", "价格是3.5元，比GPT-4.1便宜！"),
        ("好的， 我们走。", "好的，我们走。"),
        ("我每天都用Word, Excel写工作报告.", "我每天都用Word, Excel写工作报告。"),
    ],
)
def test_marks_are_full_width_where_chinese_is_written(given: str, expected: str) -> None:
    assert write(said(given)) == [expected]


def test_punctuation_that_is_there_is_left_alone() -> None:
    assert write(said("好的，今天我们谈音乐。", pauses={5: 0.9})) == ["好的，今天我们谈音乐。"]


def test_other_languages_pass_untouched() -> None:
    for text in ("Hello there", "今日は音楽の話です", "오늘은"):
        assert write(said(text), script="simplified") == [text]
    assert is_chinese("我用GPT写报告") and not is_chinese("We say 你好 here")


@pytest.mark.parametrize(
    ("script", "given", "expected"),
    [
        ("traditional", "皇后在后面，头发很干净。", "皇后在後面，頭髮很乾淨。"),
        ("simplified", "皇后在後面，頭髮很乾淨。", "皇后在后面，头发很干净。"),
        ("simplified", "他带著书，看著我。", "他带着书，看着我。"),
        ("as_heard", "皇后在後面，头发很干净。", "皇后在後面，头发很干净。"),
    ],
)
def test_the_script_is_converted_within_the_sentence(script: ChineseScript, given: str, expected: str) -> None:
    assert write(said(given), script=script) == [expected]

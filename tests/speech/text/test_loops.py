"""Loops: text that repeats itself without the time for it. A refrain takes its time, and stays."""

from __future__ import annotations

from core.domain.transcripts.transcript import Word
from core.speech.text.loops import echoes, hurried, looping, needed, runs


def said(text: str, each: float, *, pause: float = 0.0) -> list[Word]:
    """Words one after the other, `each` seconds long. A Chinese character is a word."""
    parts = [" " + w for w in text.split()] if text.isascii() else list(text)
    return [Word(i * (each + pause), i * (each + pause) + each, part) for i, part in enumerate(parts)]


def test_a_loop_that_nobody_could_say_is_found() -> None:
    words = said("so " + "I'm sorry " * 40, 0.02)
    run = looping(words, 1.0)
    assert run
    assert (run.first, run.last, run.repeats) == (1, 81, 40)


def test_a_loop_longer_than_the_speech_is_found() -> None:
    assert looping(said("the weather is great " * 20, 0.3), 2.0)


def test_words_without_length_are_a_loop() -> None:
    words = [Word(0.0, 5.0, " no"), *[Word(5.0, 5.0, " no")] * 5, Word(5.0, 12.0, " no")]
    assert looping(words, 12.0)


def test_a_refrain_with_its_time_stays() -> None:
    words = said("na na na na hey hey " * 4, 0.3, pause=0.1)
    assert runs(words)
    assert looping(words, words[-1].end) is None
    assert not hurried(words, words[-1].end)


def test_three_times_is_no_loop() -> None:
    assert runs(said("no no no never never never", 0.3)) == []


def test_case_and_punctuation_do_not_hide_a_loop() -> None:
    assert [run.repeats for run in runs(said("Thanks. thanks, THANKS! thanks", 0.01))] == [4]
    assert runs(said("... ... ... ...", 0.01)) == []


def test_more_text_than_time_is_hurried() -> None:
    words = said("we spent seven dollars on money and music", 0.2)
    assert hurried(words, 0.05)
    assert not hurried(words, words[-1].end)


def test_chinese_is_measured_by_the_character() -> None:
    assert needed(said("天气很好", 0.2)) > needed(said("tian", 0.2))
    assert looping(said("谢谢" * 30, 0.02), 0.7)
    refrain = said("我们走吧" * 4, 0.25)
    assert looping(refrain, refrain[-1].end) is None
    assert hurried(said("今天我们谈科学和健康", 0.01), 0.1)


SENTENCE = "今天我们谈健康和足球"


def test_a_sentence_without_time_beside_the_same_with_time_is_an_echo() -> None:
    other = said("谢谢李华", 0.3)
    flat = [*said(SENTENCE[:4], 0.0), Word(0.0, 0.38, SENTENCE[4]), *[Word(0.38, 0.38, c) for c in SENTENCE[5:]]]
    assert echoes([other, flat, said(SENTENCE, 0.3)]) == [1]
    assert echoes([said(SENTENCE, 0.3), flat, other]) == [1]


def test_a_sentence_said_twice_in_its_own_time_is_no_echo() -> None:
    assert echoes([said(SENTENCE, 0.2), said(SENTENCE, 0.3)]) == []
    assert echoes([said("no", 0.2), said("no", 0.2)]) == []


def test_the_only_sentence_of_its_words_stays_however_short_its_time_is() -> None:
    flat = said(SENTENCE, 0.0)
    assert echoes([flat]) == []
    assert echoes([said("谢谢李华", 0.3), flat]) == []
    assert echoes([flat, flat]) == []  # neither has the time: left to the search for loops

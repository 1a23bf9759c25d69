from __future__ import annotations

import random
from dataclasses import replace

import pytest

from core.domain.annotation import Span, carried, excerpt, find_quote, matching_speakers, moved, retime
from core.domain.transcript import Segment, Word

SPOKEN = (Word(1.0, 1.4, " The", 0.9), Word(1.5, 2.0, " quick", 0.8), Word(2.0, 2.4, " brown", 0.7), Word(2.6, 3.0, " fox.", 0.6))
HAN = (Word(0.0, 0.6, "今天", 0.9), Word(0.6, 1.0, "我们", 0.9), Word(1.0, 2.0, "讨论猫。", 0.8))


def texts(words: tuple[Word, ...]) -> str:
    return "".join(w.text for w in words)


def talk(*lines: str, speaker: str | None = None) -> list[Segment]:
    return [Segment(i, i * 10.0, i * 10.0 + 9.0, line, speaker) for i, line in enumerate(lines)]


# --- words ----------------------------------------------------------------------------------------------


def test_words_that_stand_keep_their_times_and_a_new_one_lies_between_them() -> None:
    words = retime(SPOKEN, "The quick red fox.", 1.0, 3.0)
    assert [(w.text.strip(), w.start, w.end) for w in words] == [
        ("The", 1.0, 1.4),
        ("quick", 1.5, 2.0),
        ("red", 2.0, 2.6),
        ("fox.", 2.6, 3.0),
    ]
    assert [w.probability for w in words] == [0.9, 0.8, 1.0, 0.6]


def test_words_of_a_script_without_spaces_stay_whole_where_they_are_unchanged() -> None:
    words = retime(HAN, "今天我们谈论猫。", 0.0, 2.0)
    assert [(w.text, w.start, w.end) for w in words[:2]] == [("今天", 0.0, 0.6), ("我们", 0.6, 1.0)]
    assert texts(words) == "今天我们谈论猫。"
    assert (words[2].start, words[-1].end) == (1.0, 2.0)


def test_a_wholly_new_text_shares_the_segments_time() -> None:
    words = retime(SPOKEN, "Something else", 1.0, 3.0)
    assert (texts(words).strip(), words[0].start, words[-1].end) == ("Something else", 1.0, 3.0)


def test_without_word_times_there_are_none_afterwards() -> None:
    assert retime((), "New text", 0.0, 1.0) == ()


def test_words_of_any_edit_are_in_order_inside_the_segment_and_make_up_the_text() -> None:
    chance = random.Random(5)
    for _ in range(300):
        pieces = [chance.choice(["a", "bb ", " ccc", "猫", "狗。", " x,", "9", "é "]) for _ in range(chance.randint(1, 12))]
        words = retime(chance.choice([SPOKEN, HAN]), "".join(pieces), 0.0, 3.0)
        assert texts(words).strip() == "".join(pieces).strip()
        times = [t for w in words for t in (w.start, w.end)]
        assert times == sorted(times)
        assert not times or (times[0] >= 0.0 and times[-1] <= 3.0)


# --- highlights -----------------------------------------------------------------------------------------


def test_an_excerpt_has_its_words_and_the_times_of_its_first_and_last() -> None:
    segment = Segment(0, 1.0, 3.0, "The quick brown fox.", None, SPOKEN)
    assert excerpt([segment], Span(0, 4, 0, 15)) == ("quick brown", 1.5, 2.4)


def test_an_excerpt_over_segments_is_joined_as_they_are_read() -> None:
    assert excerpt(talk("One two.", "三四。", "Five."), Span(0, 4, 2, 5))[0] == "two.三四。Five."


@pytest.mark.parametrize(
    "span", [Span(0, 0, 9, 1), Span(0, 8, 0, 8), Span(0, 5, 0, 3), Span(0, 0, 0, 99), Span(1, 0, 0, 1), Span(0, 3, 0, 4)]
)
def test_a_span_that_holds_nothing_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        excerpt(talk("One two."), span)


@pytest.mark.parametrize(
    ("old", "new", "marked", "expected"),
    [
        ("I like cats a lot", "I really like cats a lot", "cats", "cats"),
        ("I like cats a lot", "I like big cats", "cats", "cats"),
        ("I like cats a lot", "I like dogs a lot", "cats", "dogs"),
        ("我喜欢猫和狗", "我很喜欢猫和狗", "猫和", "猫和"),
    ],
)
def test_a_mark_moves_with_its_words(old: str, new: str, marked: str, expected: str) -> None:
    begin = old.index(marked)
    at = moved(old, new, begin, ends=False), moved(old, new, begin + len(marked), ends=True)
    assert new[at[0] : at[1]] == expected


def test_a_quote_is_found_whatever_its_case_spaces_and_punctuation_and_nearest_to_where_it_was() -> None:
    segments = talk("The cat sat.", "Nothing here.", "the  CAT, sat down")
    assert find_quote(segments, "cat sat", 20.0) == Span(2, 5, 2, 13)
    assert find_quote(segments, "cat sat", 1.0) == Span(0, 4, 0, 11)
    assert find_quote(segments, "sat. Nothing", 0.0) == Span(0, 8, 1, 7)
    assert find_quote(segments, "dog", 0.0) is None
    assert find_quote(segments, "…!", 0.0) is None


# --- a replaced transcript ------------------------------------------------------------------------------


def test_an_edit_is_carried_to_the_same_words_at_the_same_place_alone() -> None:
    edited = [replace(talk("Hello wurld")[0], text="Hello world", original="Hello wurld")]
    new = [Segment(0, 300.0, 301.0, "Hello wurld"), Segment(1, 2.0, 3.0, "hello, Wurld.")]
    assert carried(edited, new) == {1: "Hello world"}
    assert carried(edited, [Segment(0, 0.0, 1.0, "Hello there")]) == {}


def test_speakers_are_taken_where_the_other_transcript_says_the_same_then() -> None:
    ours = talk("Welcome to the show.", "Thank you for having me.", "And now an advertisement for soap.")
    theirs = [
        Segment(0, 0.5, 9.5, "Welcome to the show", "Ann"),
        Segment(1, 9.8, 19.0, "Thank you for having me", "Bob"),
        Segment(2, 20.0, 29.0, "So what did you write about?", "Ann"),
    ]
    assert matching_speakers(ours, theirs) == {0: "Ann", 1: "Bob"}
    assert matching_speakers(ours, [replace(t, speaker=None) for t in theirs]) == {}

from __future__ import annotations

import pytest

from core.domain.transcripts.annotation import Span
from core.domain.transcripts.text_anchor import excerpt, find_quote, moved
from core.domain.transcripts.transcript import Segment, Word

SPOKEN = (Word(1.0, 1.4, " The", 0.9), Word(1.5, 2.0, " quick", 0.8), Word(2.0, 2.4, " brown", 0.7), Word(2.6, 3.0, " fox.", 0.6))


def talk(*lines: str) -> list[Segment]:
    return [Segment(i, i * 10.0, i * 10.0 + 9.0, line) for i, line in enumerate(lines)]


def test_an_excerpt_has_its_words_and_the_times_of_its_first_and_last() -> None:
    segment = Segment(0, 1.0, 3.0, "The quick brown fox.", None, SPOKEN)
    assert excerpt([segment], Span(0, 4, 0, 15)) == ("quick brown", 1.5, 2.4)


def test_an_excerpt_without_times_of_words_has_its_share_of_the_segments() -> None:
    assert excerpt([Segment(0, 10.0, 19.0, "One two.")], Span(0, 2, 0, 8)) == ("e two.", 12.25, 19.0)
    assert excerpt([Segment(0, 10.0, 19.0, "One two.")], Span(0, 1, 0, 3)) == ("ne", 11.125, 13.375)


def test_an_excerpt_may_begin_with_the_first_letter_and_end_with_the_last_of_a_longer_segment() -> None:
    assert excerpt(talk("One.", "Two three four."), Span(0, 0, 1, 15)) == ("One. Two three four.", 0.0, 19.0)
    assert excerpt(talk("One two.", "Two."), Span(0, 4, 1, 3)) == ("two. Two", 4.5, 16.75)


def test_words_of_a_script_without_spaces_are_found_by_their_place() -> None:
    segment = Segment(0, 0.0, 2.0, "今天我们。", None, (Word(0.0, 0.6, "今天"), Word(0.8, 2.0, "我们。")))
    assert excerpt([segment], Span(0, 2, 0, 4)) == ("我们", 0.8, 2.0)
    assert excerpt([segment], Span(0, 1, 0, 2)) == ("天", 0.0, 0.6)


def test_an_excerpt_over_segments_is_joined_as_they_are_read() -> None:
    assert excerpt(talk("One two.", "三四。", "Five."), Span(0, 4, 2, 5))[0] == "two.三四。Five."


@pytest.mark.parametrize(
    "span",
    [
        Span(0, 0, 9, 1),
        Span(0, 8, 0, 8),
        Span(0, 5, 0, 3),
        Span(0, 0, 0, 99),
        Span(1, 0, 0, 1),
        Span(0, 3, 0, 4),
        Span(0, -1, 0, 8),
    ],
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


def test_a_mark_at_the_end_does_not_take_in_what_is_written_after_it() -> None:
    assert moved("cats", "cats and dogs", 4, ends=True) == 4
    assert moved("cats", "dogs, cats", 0, ends=False) == 6


def test_a_mark_moves_with_its_words_in_a_long_text_too() -> None:
    old = "the cat sat on the mat and " * 12
    assert moved(old, f"Well, {old}", 100, ends=False) == 106


def test_a_quote_at_the_very_beginning_is_found() -> None:
    assert find_quote(talk("The cat sat.", "The cat ran."), "the cat", 0.0) == Span(0, 0, 0, 7)


def test_of_two_places_just_as_near_the_first_is_the_quotes() -> None:
    assert find_quote(talk("The cat.", "Nothing.", "The cat."), "cat", 10.0) == Span(0, 4, 0, 7)


def test_a_quote_is_found_whatever_its_case_spaces_and_punctuation_and_nearest_to_where_it_was() -> None:
    segments = talk("The cat sat.", "Nothing here.", "the  CAT, sat down")
    assert find_quote(segments, "cat sat", 20.0) == Span(2, 5, 2, 13)
    assert find_quote(segments, "cat sat", 1.0) == Span(0, 4, 0, 11)
    assert find_quote(segments, "sat. Nothing", 0.0) == Span(0, 8, 1, 7)
    assert find_quote(segments, "dog", 0.0) is None
    assert find_quote(segments, "…!", 0.0) is None

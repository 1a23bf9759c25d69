from __future__ import annotations

import random

from core.domain.transcripts.transcript import Word
from core.domain.transcripts.word_timing import retime

SPOKEN = (Word(1.0, 1.4, " The", 0.9), Word(1.5, 2.0, " quick", 0.8), Word(2.0, 2.4, " brown", 0.7), Word(2.6, 3.0, " fox.", 0.6))
HAN = (Word(0.0, 0.6, "今天", 0.9), Word(0.6, 1.0, "我们", 0.9), Word(1.0, 2.0, "讨论猫。", 0.8))


def texts(words: tuple[Word, ...]) -> str:
    return "".join(w.text for w in words)


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


def test_what_is_left_of_a_word_keeps_its_own_part_of_the_time() -> None:
    words = retime(HAN, "天我们讨论猫。", 0.0, 2.0)
    assert [(w.text, w.start, w.end) for w in words[:2]] == [("天", 0.3, 0.6), ("我们", 0.6, 1.0)]
    assert [(w.text, w.start, w.end) for w in retime(HAN, "今我们讨论猫。", 0.0, 2.0)[:1]] == [("今", 0.0, 0.3)]


def test_pieces_of_a_word_share_its_time_by_length_to_the_millisecond() -> None:
    words = retime((Word(1.0, 2.0, "猫12345狗", 0.9),), "猫狗", 1.0, 2.0)
    assert [(w.text, w.start, w.end) for w in words] == [("猫", 1.0, 1.143), ("狗", 1.857, 2.0)]
    assert [w.probability for w in words] == [1.0, 1.0]


def test_new_words_share_the_time_by_length_to_the_millisecond() -> None:
    words = retime(SPOKEN, "Oh abcdef brown fox.", 0.5, 3.0)
    assert [(w.text, w.start, w.end) for w in words[:3]] == [
        ("Oh", 0.5, 0.875),
        (" abcdef", 0.875, 2.0),
        (" brown", 2.0, 2.4),
    ]
    assert [(w.start, w.end) for w in retime(SPOKEN, "The x yz", 1.0, 2.0)[1:]] == [(1.4, 1.6), (1.6, 2.0)]


def test_the_second_character_of_a_text_is_only_a_word_if_it_was_one() -> None:
    both = retime((Word(0.0, 1.0, "今天", 0.9), Word(1.0, 2.0, "好", 0.8)), "天好", 0.0, 2.0)
    assert both == (Word(0.5, 1.0, "天", 1.0), Word(1.0, 2.0, "好", 0.8))


def test_the_only_word_stays_a_word() -> None:
    assert retime((Word(0.0, 1.0, "今天", 0.9),), "今天", 0.0, 1.0) == (Word(0.0, 1.0, "今天", 0.9),)


def test_a_word_that_is_a_wide_space_is_passed_over() -> None:
    assert retime((Word(0.0, 0.5, "\u3000"), Word(0.5, 1.0, "猫", 0.8)), "猫", 0.0, 1.0) == (Word(0.5, 1.0, "猫", 0.8),)


def test_a_new_word_where_no_time_is_left_has_none() -> None:
    words = retime((Word(1.0, 2.0, " one", 0.9), Word(2.0, 3.0, " two", 0.9)), "one new two", 1.0, 3.0)
    assert [(w.start, w.end) for w in words] == [(1.0, 2.0), (2.0, 2.0), (2.0, 3.0)]
    assert [(w.start, w.end) for w in retime((Word(1.0, 2.0, " one", 0.9),), "one new", 1.0, 1.5)] == [(1.0, 2.0), (2.0, 2.0)]


def test_words_of_a_long_segment_that_says_the_same_again_and_again_keep_their_times() -> None:
    words = tuple(Word(float(n), n + 1.0, f" {'yes' if n % 2 else 'no'}", 0.5) for n in range(300))
    edited = retime(words, texts(words) + " well", 0.0, 301.0)
    assert edited[300] == Word(300.0, 301.0, " well", 1.0)
    assert [(w.start, w.end, w.probability) for w in edited[:300]] == [(w.start, w.end, 0.5) for w in words]


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

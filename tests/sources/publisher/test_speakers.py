"""Who speaks, told from the text."""

from __future__ import annotations

import pytest

from core.sources.publisher.transcript import parse
from tests.sources.publisher.rows import captions, rows, said


@pytest.mark.parametrize(
    "sentence",
    [
        "And I told him: go home.",
        "The sign said: no dogs.",
        "Remember: the tide turns at six.",
        "Berlin: a city of bridges.",
        "Then he asked: why?",
        "He said: \u201cyes\u201d.",
        "Great Expectations: the book of my youth.",
        "\u6211\u8ddf\u4ed6\u8bf4\uff1a\u56de\u5bb6\u5427\u3002",
        "In 1984: nothing.",
    ],
)
def test_a_sentence_with_a_colon_names_nobody_and_loses_no_word(sentence: str) -> None:
    cues = ["Welcome to the harbour.", sentence, "It was a long way.", "Nobody was there."]
    assert said(captions(*cues)) == [(words, None) for words in cues]


@pytest.mark.parametrize(
    "sentence", ["And I told him: go.", "He said: go.", "Remember: go.", "I say: go.", "\u4ed6\u8bf4\uff1a\u8d70\u3002"]
)
def test_nor_does_one_that_is_said_again(sentence: str) -> None:
    assert {speaker for _, speaker in said(captions(sentence, "Yes.", sentence))} == {None}


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "ANN LEE",
        "Speaker 1",
        "Dr. Ann O\u2019Brien",
        "Ludwig van Beethoven",
        "\u5f20\u4e09",
        "\u4e3b\u6301\u4eba",
        "\u0410\u043d\u043d\u0430",
        "\u00c9lodie",
        "J. R. Lee",
    ],
)
def test_a_name_that_recurs_is_a_speaker_of_its_own_cues(name: str) -> None:
    got = said(captions(f"{name}: One.", "Two.", f"{name}: Three."))
    assert got == [("One.", name), ("Two.", None), ("Three.", name)]


def test_one_of_the_people_of_the_feed_needs_to_be_named_once() -> None:
    body = captions("Ann: One.", "Bob Stone: Two.", "Carl: Three.")
    assert said(body, "Ann Lee", "bob stone") == [("One.", "Ann"), ("Two.", "Bob Stone"), ("Carl: Three.", None)]


def test_a_sentence_that_goes_on_in_the_next_cue_stays_with_who_began_it() -> None:
    got = said(captions("Ann: It is getting", "late.", "Nobody knows.", "Ann: Go."))
    assert got == [("It is getting late.", "Ann"), ("Nobody knows.", None), ("Go.", "Ann")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("<v Ann>Hello.</v> <v Bob>Hi there.</v>", [("Hello.", "Ann"), ("Hi there.", "Bob")]),
        ("<v.loud Ann>Hello.\n<v Bob>Hi there.", [("Hello.", "Ann"), ("Hi there.", "Bob")]),
        ("- Hello\n- Hi there", [("Hello", None), ("Hi there", None)]),
        ("-Hello\n-Hi there", [("Hello", None), ("Hi there", None)]),
        ("\u2013 Hello\nagain\n\u2013 Hi there", [("Hello again", None), ("Hi there", None)]),
        (">> Hello\n>> Hi there", [("Hello", None), ("Hi there", None)]),
        ("Soft: <v Ann>Hello.", [("Soft:", None), ("Hello.", "Ann")]),
    ],
)
def test_two_voices_in_one_cue_are_both_kept(words: str, expected: list[tuple[str, str | None]]) -> None:
    found = parse(f"WEBVTT\n\n00:01.000 --> 00:03.000\n{words}\n".encode()).segments
    assert [(s.text, s.speaker) for s in found] == expected
    assert found[0].start == 1.0 and found[-1].end == 3.0 and found[0].end == found[1].start


def test_names_behind_dashes_are_names() -> None:
    assert said(captions("- Ann: One.\n- Bob: Two.", "- Bob: Three.\n- Ann: Four.")) == [
        ("One.", "Ann"),
        ("Two.", "Bob"),
        ("Three.", "Bob"),
        ("Four.", "Ann"),
    ]


def test_a_name_is_not_made_of_a_sentence() -> None:
    line = "1\n00:00:00,000 --> 00:00:01,000\nwhat i mean is this: nothing"
    assert rows(line) == [(0.0, 1.0, "what i mean is this: nothing", None)]

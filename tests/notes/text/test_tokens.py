"""Tokens: the overlap of two wordings of one utterance."""

from __future__ import annotations

import pytest

from core.notes.text.tokens import (
    is_negation,
    is_number,
    is_unspaced,
    normalise,
    reduced,
    spans,
    tokens,
    tokens_and_ends,
    weight,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Prices rose by -3.5 %, to 1,000 €.", ["prices", "rose", "by", "-3.5", "%", "to", "1000", "€"]),
        ("12,34 is no thousand", ["12,34", "is", "no", "thousand"]),
        ("Don’t – it's ＰＬＡＮ 9", ["don't", "it's", "plan", "9"]),
        ("价格上涨20%", ["价", "格", "上", "涨", "20", "%"]),
        ("カタカナ語", ["カ", "タ", "カ", "ナ", "語"]),
        ("well-known", ["well", "known"]),
        ("'quoted'", ["quoted"]),
        ("… — !", []),
        ("", []),
    ],
)
def test_words_numbers_and_single_characters(text: str, found: list[str]) -> None:
    assert tokens(text) == found


def test_a_sentence_ends_after_its_last_token_and_a_decimal_ends_none() -> None:
    ends = [(token, end) for token, end in tokens_and_ends("It is 3.5. 好。And?")]
    assert ends == [("it", False), ("is", False), ("3.5", True), ("好", True), ("and", True)]


def test_each_token_has_its_place_in_the_raw_text() -> None:
    text = "Ｐrices rose ﬁve times: 价格!"
    assert [normalise(text[a:b]) for a, b in spans(text)] == tokens(text)


def test_numbers_and_negations_are_known_in_words_and_figures() -> None:
    assert all(map(is_number, ["7", "-3.5", "twenty", "三", "%"])) and not is_number("price")
    assert all(map(is_negation, ["not", "didn't", "没"])) and not is_negation("now")


def test_a_character_of_an_unspaced_script_weighs_less_than_a_word() -> None:
    assert is_unspaced("价") and not is_unspaced("price")
    assert weight(["price", "价", "格"]) == 10


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("um the the price was, you know, high", "price was high"),
        ("it can't rise", "it cannot rise"),
        ("we're gonna organise it", "we are going to organize it"),
        ("what's the colour", "what is color"),
        ("嗯价格上涨了", "价格上涨"),
    ],
)
def test_a_faithful_quotation_reduces_to_the_same(said: str, quoted: str) -> None:
    assert reduced(tokens(said))[0] == reduced(tokens(quoted))[0]


@pytest.mark.parametrize(("one", "other"), [("it rose", "it did not rise"), ("3 3", "3"), ("our hours", "or hors"), ("5", "15")])
def test_what_carries_meaning_stays(one: str, other: str) -> None:
    assert reduced(tokens(one))[0] != reduced(tokens(other))[0]


def test_each_reduced_token_names_its_origin() -> None:
    run = tokens("well it can't rise")
    assert reduced(run) == (["it", "can", "not", "rise"], [1, 2, 2, 3])

"""Words that carry meaning, and names that stand out, by counting alone."""

from __future__ import annotations

from core.domain.transcripts.transcript import Segment
from core.notes.text.keywords import MOST, content_words, find_terms


def said(*texts: str) -> list[Segment]:
    return [Segment(n, float(n), n + 1.0, text) for n, text in enumerate(texts)]


def test_stop_words_and_single_letters_carry_nothing() -> None:
    assert list(content_words("The price of x is very high")) == ["price", "high"]


def test_neighbouring_characters_go_in_pairs() -> None:
    assert list(content_words("价格上涨")) == ["价格", "格上", "上涨"]
    assert list(content_words("价 price 格")) == ["price"]


def test_a_name_is_one_in_mid_sentence_and_comes_twice_or_of_two_words() -> None:
    found = find_terms(
        said("Yesterday we met Henry.", "Then Henry left with Emma Stone.", "Prices rose.", "Prices fell for Bob.")
    )
    assert {term.text for term in found} == {"Henry", "Emma Stone"}
    henry = next(term for term in found if term.text == "Henry")
    assert (henry.start, henry.quote, henry.verified) == (0.0, "Yesterday we met Henry.", True)


def test_a_sentence_that_opens_with_an_article_and_a_name_names_that() -> None:
    found = find_terms(said("The Guardian wrote it.", "We read the Guardian."))
    assert [term.text for term in found] == ["Guardian"]


def test_a_chinese_term_recurs_and_no_piece_of_it_stands_beside_it() -> None:
    found = find_terms(said("量子计算改变经济。", "我们谈量子计算。", "还有量子计算的问题。"))
    assert "量子计算" in {term.text for term in found}
    assert not {"量子", "子计", "计算", "子计算"} & {term.text for term in found}


def test_there_is_an_end_to_them() -> None:
    names = " ".join(f"and Name{chr(65 + n)}" for n in range(26))
    assert len(find_terms(said(f"we saw {names}", f"again {names}"))) <= MOST
    assert find_terms([]) == ()

"""Where a statement may be proven: near the words that it shares, and nowhere when it shares none."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.notes.text.passages import passages
from tests.notes.conftest import transcript_of


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("index", [0, 17, 42, 99])
def test_the_sentence_that_says_it_is_among_them(language: str, index: int) -> None:
    sentences = [s.text for s in transcript_of(language, 100).segments]
    runs = passages(sentences, [sentences[index]])
    assert any(index in run for run in runs)
    assert sum(map(len, runs)) <= 2
    assert all(b - a == 1 for run in runs for a, b in pairwise(run))


@pytest.mark.parametrize(
    ("sentences", "statement"),
    [
        (["We planted maples by the river.", "In October they turned red."], "The maples by the river turned red in October."),
        (["The bridge closes on Monday.", "Repairs will take nine weeks."], "Repairs of the bridge take nine weeks from Monday."),
        (["我们在河边种了枫树。", "十月叶子变红了。"], "河边的枫树十月变红。"),
    ],
)
def test_what_is_said_in_two_sentences_is_shown_in_both(sentences: list[str], statement: str) -> None:
    others = [s.text for s in transcript_of("en", 20).segments]
    assert passages([*others[:9], *sentences, *others[9:]], [statement]) == [[9, 10]]


def test_a_neighbour_that_shares_nothing_stays_away() -> None:
    sentences = ["A dog barks outside.", "We planted maples by the river.", "Somebody closes a window."]
    assert passages([*sentences, "Good night."], ["Maples were planted by the river."]) == [[1]]


def test_each_statement_has_its_own(language: str = "en") -> None:
    sentences = [s.text for s in transcript_of(language, 100).segments]
    runs = passages(sentences, [sentences[i] for i in (5, 50, 95)])
    assert {5, 50, 95} <= {i for run in runs for i in run}
    assert sum(map(len, runs)) <= 6


@pytest.mark.parametrize(
    "statements", [["灯塔在海边"], ["Bereits gestern Abend"], ["?!"], [""], []], ids=["zh", "de", "signs", "nothing", "none"]
)
def test_nothing_shared_gives_none(statements: list[str]) -> None:
    assert passages([s.text for s in transcript_of("en", 30).segments], statements) == []


def test_most_of_a_text_is_all_of_it() -> None:
    sentences = ["We plant maples.", "They grow by the river.", "In autumn they turn red."]
    assert passages(sentences, sentences) == []
    assert passages([], ["maples"]) == []

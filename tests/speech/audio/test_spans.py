"""Spans: difference, intersection, and the extent of a word's sound."""

from __future__ import annotations

import random

import pytest

from core.domain.transcripts.transcript import Word
from core.speech.audio.spans import RATE, Span, intersect, join, length, longest_word, reach, subtract


def random_spans(rng: random.Random, end: int = 60) -> list[Span]:
    edges = sorted(rng.sample(range(end), 2 * rng.randrange(8)))
    return list(zip(edges[::2], edges[1::2], strict=True))


def samples(spans: list[Span]) -> set[int]:
    return {i for begin, end in spans for i in range(begin, end)}


def test_neighbours_closer_than_the_gap_are_one() -> None:
    assert join([(5, 8), (0, 2), (10, 12)], gap=2) == [(0, 2), (5, 12)]
    assert join([(0, 10), (2, 3), (10, 11)]) == [(0, 11)]
    assert join([(4, 4)]) == []


@pytest.mark.parametrize("seed", range(50))
def test_what_is_left_and_what_is_common_are_the_whole(seed: int) -> None:
    rng = random.Random(seed)
    one, other = random_spans(rng), random_spans(rng)
    left, common = subtract(one, other), intersect(one, other)
    assert samples(left) == samples(one) - samples(other)
    assert samples(common) == samples(one) & samples(other) == samples(intersect(other, one))
    assert length(left) + length(common) == length(one)
    assert left == sorted(left)
    assert common == sorted(common)


def test_a_word_reaches_a_little_before_and_behind_its_time() -> None:
    [(begin, end)] = reach([Word(10.0, 10.4, " report")], 8.0)
    assert (begin / RATE, end / RATE) == pytest.approx((1.75, 2.75))


def test_words_with_a_breath_between_them_reach_as_one() -> None:
    words = [Word(0.0, 0.3, " the"), Word(1.2, 1.5, " show")]
    assert len(reach(words, 0.0)) == 2
    assert len(reach(words, 0.0, gap=0.5)) == 1


def test_a_word_longer_than_it_can_be_said_has_a_hole() -> None:
    (_, end), (begin, last) = reach([Word(0.0, 20.0, " yes")], 0.0)
    assert end / RATE < 1.0
    assert begin / RATE > 19.0
    assert last / RATE == pytest.approx(20.35)


def test_a_character_takes_longer_than_a_letter() -> None:
    assert longest_word("天气") > longest_word("it")
    assert longest_word(" it,") == longest_word("it")


def test_what_a_word_reaches_does_not_depend_on_where_the_stretch_begins() -> None:
    def at(first: int) -> list[Span]:
        words = [Word(n / RATE, (n + 4000) / RATE, " word") for n in range(480_000, 520_000, 12_347)]
        return [(a + first, b + first) for a, b in reach(words, first / RATE)]

    assert all(at(first) == at(0) for first in range(0, 470_000, 4_999))

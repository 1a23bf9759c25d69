"""The account of speech: totals, joining, and a partition that neither loses nor doubles any time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from core.domain.transcripts.spoken import Fate, Spoken, Why, coverage, tidy, without_words

H, A, D, U = Fate.HEARD, Fate.HEARD_AGAIN, Fate.DROPPED, Fate.UNCLEAR


def test_totals_are_by_fate_and_the_share_is_of_what_has_words() -> None:
    found = coverage([Spoken(0, 6, H), Spoken(7, 8, A), Spoken(8, 10, U, Why.NO_WORDS), Spoken(10, 11, D, Why.LOOP)])
    assert (found.speech, found.heard, found.heard_again, found.unclear, found.dropped) == (10, 6, 1, 2, 1)
    assert found.share == pytest.approx(0.7)
    assert coverage([]).share == 1.0


def test_what_has_no_words_is_joined_and_short_rests_left_out() -> None:
    spans = [Spoken(0, 1, H), Spoken(1, 3, U, Why.NO_WORDS), Spoken(3.2, 3.6, D, Why.LOOP), Spoken(9, 9.3, U, Why.NOT_DECODED)]
    assert without_words(spans, least=0.5, join=0.5) == [Spoken(1, 3.6, U, Why.NO_WORDS)]


def test_rests_of_just_the_least_length_stay_and_spans_just_so_far_apart_are_joined() -> None:
    spans = [Spoken(0, 0.5, U), Spoken(1, 1.5, U), Spoken(2.25, 2.5, U)]
    assert without_words(spans, least=0.5, join=0.25) == spans[:2]
    assert without_words(spans, join=0.5) == [Spoken(0, 1.5, U), spans[2]]


def test_a_span_is_joined_to_the_one_before_it() -> None:
    spans = [Spoken(0, 1, U), Spoken(5, 6, U), Spoken(6.1, 7, U)]
    assert without_words(spans, join=0.5) == [Spoken(0, 1, U), Spoken(5, 7, U)]


def test_totals_are_told_to_the_millisecond() -> None:
    assert coverage([Spoken(0, 1.23456, H), Spoken(2, 2.66666, D), Spoken(3, 3.11111, A), Spoken(4, 4.22222, U)]).to_dict() == {
        "share": 0.6022,
        "speech_seconds": 2.235,
        "heard_seconds": 1.235,
        "heard_again_seconds": 0.111,
        "dropped_seconds": 0.667,
        "unclear_seconds": 0.222,
    }


def test_tidying_sorts_channels_joins_what_touches_and_drops_what_has_no_length() -> None:
    spans = [Spoken(0, 1, U, channel=1), Spoken(0, 1, U, channel=0), Spoken(2, 2.0004, H), Spoken(3, 4, H), Spoken(4, 5.00049, H)]
    assert tidy(spans) == (Spoken(0, 1, U, channel=0), Spoken(0, 1, U, channel=1), Spoken(3, 5.0, H))
    assert tidy([Spoken(0, 1, H), Spoken(1.001, 2, H)]) == (Spoken(0, 1, H), Spoken(1.001, 2, H))


def test_spans_of_different_channels_are_not_joined() -> None:
    spans = [Spoken(0, 2, U, Why.NO_WORDS, 0), Spoken(1, 3, U, Why.NO_WORDS, 1)]
    assert without_words(spans, join=1.0) == spans


def test_tidying_joins_what_touches_and_keeps_every_second() -> None:
    pick = random.Random(3)
    for _ in range(50):
        at, spans = 0.0, []
        for _ in range(30):
            at += pick.choice([0.0, 0.5])
            long = pick.uniform(0.001, 3.0)
            fate = pick.choice(list(Fate))
            spans.append(Spoken(at, at + long, fate, None if fate.has_words else pick.choice(list(Why))))
            at += long
        shuffled = pick.sample(spans, len(spans))
        found = tidy(shuffled)
        assert coverage(found).speech == pytest.approx(coverage(spans).speech, abs=0.05)
        assert all(a.end <= b.start for a, b in pairwise(found))


def test_rows_round_trip() -> None:
    for span in (Spoken(0, 1.5, H), Spoken(2, 3, D, Why.PHANTOM, 1)):
        assert Spoken.from_dict(span.to_dict()) == span

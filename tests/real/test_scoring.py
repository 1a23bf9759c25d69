"""Each score counts its own kind of error. These tests need no model."""

from __future__ import annotations

import importlib.util
import random
from typing import Any

import pytest

from tests.real import recordings
from tests.real.scoring import Kind, Score, align, loops, runs, score, tally, tokens


def test_a_token_is_a_word_or_a_chinese_character() -> None:
    assert tokens("It’s 3 MEN, Mr. Fu; 我們 2.") == ["its", "three", "men", "mister", "fu", "我", "们", "two"]


def test_fillers_and_full_width_forms_make_no_difference() -> None:
    assert tokens("Um, ok") == tokens("ＯＫ！") == ["ok"]


def test_each_kind_of_error_is_counted_apart() -> None:
    assert score("a b c d e f g", "a x d e y f g") == Score(tokens=7, lost=1, substituted=1, made_up=1)


def test_nothing_said_and_nothing_heard_is_no_error() -> None:
    assert score("", "") == Score(0, 0, 0, 0)
    assert score("", "you you").share(2) == 2.0


def test_an_alignment_leads_from_each_token_to_its_own() -> None:
    steps = align(["a", "b", "c"], ["b", "c", "d"])
    assert [(s.kind, s.said, s.heard) for s in steps] == [
        (Kind.LOST, 0, None),
        (Kind.SAME, 1, 0),
        (Kind.SAME, 2, 1),
        (Kind.MADE_UP, None, 2),
    ]


def test_runs_are_told_from_single_words() -> None:
    said, heard = list("abcdefgh"), list("afghx")
    assert list(runs(said, heard, Kind.LOST)) == ["b c d e"]
    assert list(runs(said, heard, Kind.MADE_UP)) == []


def test_loops_are_found_whatever_their_length() -> None:
    assert loops("so I'm sorry I'm sorry I'm sorry I'm sorry and on") == ["im sorry ×4"]
    assert loops("no no no, really") == []


def reference_scorer() -> Any:
    """The scorer that lies beside the voices, written by others."""
    path = recordings.voices() / "score.py"
    spec = importlib.util.spec_from_file_location("score_beside_voices", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(recordings.no_voices() is not None, reason=str(recordings.no_voices()))
def test_counts_are_those_of_the_scorer_beside_the_voices() -> None:
    scorer, chance = reference_scorer(), random.Random(5)
    for clip in recordings.clips():
        words = scorer.tokens(clip["ref"])
        assert tokens(clip["ref"]) == words
        altered = [w for word in words for w in chance.choice([[word]] * 7 + [[], ["x"], [word, "y"]])]
        counted = [kind for kind, _ in scorer.operations(words, altered)]
        mine = tally(align(words, altered))
        assert (mine.lost, mine.substituted, mine.made_up) == tuple(counted.count(kind) for kind in "DSI")

"""Places of texts, and words that follow a number."""

from __future__ import annotations

import pytest

from core.domain.text_places import fill, names


def test_words_follow_their_number() -> None:
    text = "{n} {n|episode|episodes} in {feeds} {feeds|feed|feeds}"
    assert fill(text, {"n": 1, "feeds": "1,204"}) == "1 episode in 1,204 feeds"
    assert fill(text, {"n": "21", "feeds": "1"}) == "21 episodes in 1 feed"
    assert fill(text, {"n": 0, "feeds": 1.5}) == "0 episodes in 1.5 feeds"
    assert names(text) == {"n", "feeds"}


def test_a_place_without_a_value_is_an_error() -> None:
    for text in ("{n} of {m}", "{n} {n|hit|hits} of {m}"):
        with pytest.raises(KeyError):
            fill(text, {"n": 1})

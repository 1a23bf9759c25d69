"""How many tokens a server's model makes of a text, learnt of its first count."""

from __future__ import annotations

import pytest

from core.notes.server_gauge import LEAST_SHARE, SHARES, Gauge
from core.notes.text.chunking import most_tokens

TEXT = "Prices have gone up by twenty percent since last spring, and nobody knows why. " * 20


def test_the_first_count_of_a_whole_prompt_stays() -> None:
    gauge = Gauge()
    gauge.learn(TEXT, most_tokens(TEXT) // 2)
    assert gauge.share == pytest.approx(0.5, abs=0.01)
    gauge.learn(TEXT, most_tokens(TEXT))
    assert gauge.share == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("share", [None, 0.0, SHARES[0] * 0.9, SHARES[1] * 1.1])
def test_a_count_of_something_else_teaches_nothing(share: float | None) -> None:
    gauge = Gauge()
    gauge.learn(TEXT, None if share is None else int(most_tokens(TEXT) * share))
    gauge.learn("", 9)
    assert gauge.share is None


@pytest.mark.parametrize("share", [None, 0.5, 1.5])
def test_a_guess_and_its_tokens_undo_each_other(share: float | None) -> None:
    gauge = Gauge(share=share)
    assert gauge.guess(gauge.tokens(TEXT)) == pytest.approx(most_tokens(TEXT), rel=0.01)


def test_a_count_that_lacks_the_front_is_not_plausible() -> None:
    whole = most_tokens(TEXT)
    known = Gauge(share=0.5)
    assert known.plausible(TEXT, int(whole * 0.5)) and not known.plausible(TEXT, int(whole * 0.39))
    assert Gauge().plausible(TEXT, int(whole * LEAST_SHARE) + 1) and not Gauge().plausible(TEXT, int(whole * LEAST_SHARE) - 1)

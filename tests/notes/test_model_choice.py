"""The model that is suggested for a computer."""

from __future__ import annotations

from core.notes.model_choice import RECOMMENDED, RECOMMENDED_LARGE, RECOMMENDED_SMALL, recommend


def test_the_suggestion_follows_the_computer() -> None:
    assert recommend(8_000_000_000, 0) == RECOMMENDED_SMALL
    assert recommend(16_000_000_000, 0) == RECOMMENDED
    assert recommend(16_000_000_000, 8_000_000_000) == RECOMMENDED_LARGE

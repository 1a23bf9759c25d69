"""The catalogue of speech models: every name can be downloaded, and times follow from those that were measured."""

from __future__ import annotations

import pytest

from core.speech.models.catalogue import BY_NAME, MODELS, expected_factor
from core.speech.models.model_choice import REPOSITORIES


def test_every_listed_model_has_a_repository_and_another_name() -> None:
    assert {model.name for model in MODELS} <= REPOSITORIES.keys()
    assert len(BY_NAME) == len(MODELS)
    assert all(model.english_only == (model.name.endswith(".en") or model.name.startswith("distil")) for model in MODELS)


def test_nothing_measured_is_nothing_expected() -> None:
    assert expected_factor(BY_NAME["small"], "cpu", {}) is None
    assert expected_factor(BY_NAME["small"], "cpu", {"somebody/model": 0.5}) is None


def test_a_time_is_that_of_the_measured_model_by_their_work() -> None:
    assert expected_factor(BY_NAME["small"], "cpu", {"base": 0.1}) == pytest.approx(0.33)
    assert expected_factor(BY_NAME["large-v3"], "cuda", {"large-v3-turbo": 0.01}) == pytest.approx(0.01 * 7 / 0.9)


def test_the_measured_model_of_the_closest_work_decides() -> None:
    measured = {"tiny": 0.4, "large-v3": 2.0}
    assert expected_factor(BY_NAME["base"], "cpu", measured) == pytest.approx(0.8)
    assert expected_factor(BY_NAME["medium"], "cpu", measured) == pytest.approx(1.0)

"""The options of the speech model: which are shown at once, and what each says."""

from __future__ import annotations

from typing import Any

import pytest

from core.app import CastMind
from core.services.settings.speech_models import OfferedModel, SpeechModelOffer
from pages.settings import speech_model


def offer(*models: OfferedModel, automatic: str = "small") -> SpeechModelOffer:
    return SpeechModelOffer(models, automatic)


def model(name: str, **more: Any) -> OfferedModel:
    return OfferedModel(
        **(
            {
                "name": name,
                "size": 10**9,
                "quality": "good",
                "english_only": False,
                "present": False,
                "factor": None,
                "measured": False,
            }
            | more
        )
    )


@pytest.mark.usefixtures("resting")
def test_each_says_its_quality_size_and_time() -> None:
    auto, small, medium = speech_model.options(
        offer(model("small", present=True, factor=0.5, measured=True), model("medium", factor=2.0)), "auto"
    )
    assert auto["note"] == "Uses small on this computer."
    assert small["facts"] == ["Good accuracy", "30 min per hour of audio"] and small["marks"] == [
        "Recommended",
        "On this computer",
    ]
    assert medium["facts"] == ["Good accuracy", "1.0 GB to download", "about 2 h 0 min per hour of audio, estimated"]
    assert small["quality"] == 3


@pytest.mark.usefixtures("resting")
def test_models_of_second_rank_are_folded_unless_they_are_here_or_recommended() -> None:
    def folded(*models: OfferedModel, automatic: str = "") -> list[bool]:
        return [row["folded"] for row in speech_model.options(offer(*models, automatic=automatic), "auto")[1:]]

    assert folded(model("tiny"), model("base.en", english_only=True), model("small")) == [True, True, False]
    assert folded(model("tiny"), automatic="tiny") == [False]
    assert folded(model("large-v3", present=True)) == [False]


def test_the_bundled_model_is_listed_only_where_it_is_set(resting: CastMind) -> None:
    assert [row["value"] for row in speech_model.options(offer(), "demo")] == ["auto", "demo"]
    assert [row["value"] for row in speech_model.options(offer(), "auto")] == ["auto"]

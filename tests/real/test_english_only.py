"""A model that knows English only, and people who speak Chinese: it says that it did not understand, and babbles nowhere."""

from __future__ import annotations

import pytest

from tests.real import thresholds
from tests.real.conftest import Ears, recording
from tests.real.scoring import loops, score

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["long-zh", "made-zh"])
def test_it_loops_nowhere(tiny_en: Ears, name: str) -> None:
    heard = tiny_en.hear(recording(name)).text
    assert loops(heard) == [], heard[:500]


@pytest.mark.parametrize("name", ["long-zh", "made-zh"])
def test_it_says_that_the_speech_has_no_words(tiny_en: Ears, name: str) -> None:
    covered = tiny_en.hear(recording(name)).speech_coverage
    assert covered is not None and covered.speech > 0, "nobody accounted for the speech"
    assert covered.share <= thresholds.FOREIGN_SPEECH_WITH_WORDS, covered


def test_it_hears_english(tiny_en: Ears) -> None:
    played = recording("made-en")
    transcript = tiny_en.hear(played)
    counted = score(played.reference, transcript.text)
    assert counted.share(counted.lost) <= thresholds.ENGLISH_ONLY_LOST, counted

"""Where nobody speaks, nothing is written; and nothing is written again and again."""

from __future__ import annotations

import pytest

from tests.real import recordings, thresholds
from tests.real.conftest import Ears, recording
from tests.real.made import NOISES
from tests.real.scoring import loops, tokens

pytestmark = pytest.mark.real

FROM_VOICES = (
    *("none-cue1", "none-empty1", "none-esc0", "none-esc2", "none-esc4", "none-music", "none-noise1", "none-noise2"),
    *("none-noise4", "none-noise5", "silence30", "hum"),
)
OURS = tuple(f"none-made-{name}" for name in NOISES)
SHORT = {"silence30", "none-noise2", "none-made-white", "none-made-syllables", "none-made-melody"}


def test_there_are_enough_recordings_without_speech() -> None:
    assert len({*FROM_VOICES, *OURS}) >= thresholds.SPEECHLESS_RECORDINGS
    if recordings.no_voices() is None:
        speechless = {row["id"] for row in recordings.clips() if row["lang"] == "none"}
        assert speechless <= {*FROM_VOICES}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.short] if n in SHORT else []) for n in (*FROM_VOICES, *OURS)]
)
def test_sound_without_speech_gives_no_words(base: Ears, name: str) -> None:
    heard = base.hear(recording(name)).text
    assert len(tokens(heard)) <= thresholds.PHANTOM_WORDS, heard


@pytest.mark.short
def test_a_bit_of_a_word_gives_at_most_one(base: Ears) -> None:
    heard = base.hear(recording("tiny0.05")).text
    assert len(tokens(heard)) <= thresholds.BIT_WORDS, heard[:300]


@pytest.mark.parametrize("name", [*thresholds.VOICES, *thresholds.MADE, *thresholds.HARDLY_UNDERSTOOD])
def test_nothing_repeats_itself_that_nobody_repeated(base: Ears, name: str) -> None:
    played = recording(name)
    # Somebody says "words" four times there; Whisper may write a fifth.
    heard, said = ({found.split(" ×")[0] for found in loops(text)} for text in (base.hear(played).text, played.reference))
    assert heard <= said

"""Random recordings made of known pieces: every second of speech is accounted for, none twice."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.domain.transcripts.spoken import Fate
from core.domain.transcripts.transcript import Transcript
from core.speech.audio.decode import Samples
from core.speech.audio.detector import find
from core.speech.audio.spans import RATE, length
from tests.speech.audio.test_decode import decode
from tests.speech.conftest import Listener
from tests.words import grammar

# The demo model knows neither.
FOREIGN = (
    ("de", "Wir haben gestern lange über das Wetter in den Bergen gesprochen."),
    ("fr", "Je ne sais pas encore où nous irons."),
)
# Speech within this distance of a transcribed word counts as transcribed (see core/speech/audio/spans.py).
REACH = 0.6


def piece(rng: random.Random) -> Samples:
    seconds = rng.uniform(0.5, 4.0)
    time = np.arange(int(seconds * RATE)) / RATE
    match rng.choice(["known", "known", "known", "foreign", "silence", "noise", "tone", "click"]):
        case "known":
            language = rng.choice(["en", "zh", "mixed"])
            clip = grammar().make_episode(rng, language, rng.uniform(4, 16), gaps=(0.0, 1.5), noise_db=rng.choice([None, 25]))
            return np.asarray(clip.audio, np.float32)
        case "foreign":
            voice, text = rng.choice(FOREIGN)
            return np.asarray(grammar().speak(text, voice)[0], np.float32)
        case "silence":
            return np.zeros(len(time), np.float32)
        case "noise":
            sound = np.random.default_rng(rng.randrange(2**31)).standard_normal(len(time)) * 0.05
            return sound.astype(np.float32)
        case "tone":
            return (0.1 * np.sin(2 * np.pi * rng.uniform(100, 1500) * time)).astype(np.float32)
        case _:
            word, _ = grammar().speak("yes")
            return np.asarray(word[: int(rng.uniform(0.03, 0.2) * RATE)], np.float32)


def account(transcript: Transcript) -> None:
    """Check that the spans are a partition and cover the transcribed words."""
    spoken = transcript.spoken
    assert spoken is not None
    assert all(s.end <= following.start for s, following in pairwise(spoken))
    assert all(s.start < s.end <= transcript.duration + 0.001 and (s.why is None) == s.fate.has_words for s in spoken)
    assert sum(s.seconds for s in spoken) == pytest.approx(transcript.speech_seconds, abs=0.002)
    heard = [s for s in spoken if s.fate.has_words]
    for word in (w for segment in transcript.segments for w in segment.words):
        middle = (word.start + word.end) / 2
        assert any(s.start - REACH <= middle <= s.end + REACH for s in heard), word


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3, 4))])
def test_each_second_of_speech_has_one_fate(listener: Listener, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "pieces.wav"
    grammar().write_wav(path, np.concatenate([piece(rng) for _ in range(rng.randrange(6, 10))]))
    transcript = listener.hear(path)
    account(transcript)
    samples = decode(path)
    stretches = (samples[round(window.start * RATE) : round(window.end * RATE)] for window in listener.windows)
    assert transcript.speech_seconds == pytest.approx(sum(length(find(each)) for each in stretches) / RATE, abs=0.01)
    assert any(s.fate is Fate.HEARD for s in transcript.spoken or ())


def test_windows_share_the_speech_between_them(listener: Listener, tmp_path: Path) -> None:
    rng = random.Random(5)
    path = tmp_path / "pieces.wav"
    grammar().write_wav(path, np.concatenate([piece(rng) for _ in range(8)]))
    transcript = listener.hear(path, window_seconds=15)
    assert len(listener.windows) > 2
    account(transcript)
    for window in listener.windows:
        assert sum(s.seconds for s in window.spoken) == pytest.approx(window.speech_seconds, abs=0.002)
        assert all(window.start <= s.start and s.end <= window.end + 0.001 for s in window.spoken)

"""Every second of speech is heard or reported, and none is counted twice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.domain.transcripts.spoken import Spoken
from core.domain.transcripts.transcript import Transcript
from tests.real import thresholds
from tests.real.conftest import Ears, recording

pytestmark = pytest.mark.real

# Word times come from the model, to about a fiftieth of a second; the detector does not count a pause in a word as speech.
SLACK = 0.5
EVERYTHING = [
    *(
        pytest.param(name, marks=[pytest.mark.short] if limits.short else [])
        for name, limits in (thresholds.VOICES | thresholds.MADE).items()
    ),
    *thresholds.HARDLY_UNDERSTOOD,
]


def account(transcript: Transcript) -> tuple[Spoken, ...]:
    assert transcript.spoken is not None, "nobody accounted for the speech"
    return transcript.spoken


@pytest.mark.parametrize("name", [*EVERYTHING, "made-two-channels", "tiny0.05", "none-music"])
def test_spans_are_in_order_within_the_audio_and_none_is_counted_twice(base: Ears, name: str) -> None:
    transcript = base.hear(recording(name))
    spans = account(transcript)
    for channel in {s.channel for s in spans}:
        own = [s for s in spans if s.channel == channel]
        assert all(0 <= s.start < s.end <= transcript.duration + 0.01 for s in own)
        assert [(a, b) for a, b in pairwise(own) if b.start < a.end - 1e-6] == []


@pytest.mark.parametrize("name", EVERYTHING)
def test_all_speech_is_heard_or_reported(base: Ears, name: str) -> None:
    transcript = base.hear(recording(name))
    total = sum(s.seconds for s in account(transcript))
    assert total == pytest.approx(transcript.speech_seconds, rel=thresholds.ACCOUNT_ERROR, abs=0.05)
    assert total > 0


@pytest.mark.parametrize("name", EVERYTHING)
def test_words_stand_where_speech_was_heard_and_nowhere_else(base: Ears, name: str) -> None:
    """Each word lies at speech that counts as heard; where speech has no words, there are none."""
    transcript = base.hear(recording(name))
    spans = account(transcript)
    words = [w for s in transcript.segments for w in s.words]
    heard = [s for s in spans if s.fate.has_words]
    stray = [w for w in words if not any(s.start - SLACK <= (w.start + w.end) / 2 <= s.end + SLACK for s in heard)]
    assert stray == []
    empty = [s for s in heard if not any(w.start < s.end + SLACK and w.end > s.start - SLACK for w in words)]
    assert empty == []

"""No word of a real voice is lost, by kind of error: tests/real/thresholds.py says how many may be wrong."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from core.domain.transcripts.transcript import Transcript
from tests.real import thresholds
from tests.real.conftest import Ears, recording
from tests.real.scoring import Kind, align, is_ideograph, report, score, tally, tokens

pytestmark = pytest.mark.real

LIMITS = thresholds.VOICES | thresholds.MADE
CASES = [
    pytest.param(name, kind, marks=[pytest.mark.short] if limits.short else [])
    for name, limits in LIMITS.items()
    for kind in get_args(thresholds.Kind)
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_of_what_is_said_no_more_goes_wrong_than_allowed(base: Ears, name: str, kind: thresholds.Kind) -> None:
    played = recording(name)
    heard = base.hear(played).text
    counted = score(played.reference, heard)
    share = counted.share(getattr(counted, kind))
    assert share <= LIMITS[name].of(kind), f"{name}, {kind}: {share:.1%}\n{report(played.reference, heard)}"


def within(transcript: Transcript, start: float, end: float) -> str:
    """The words whose middle lies there."""
    words = [w for s in transcript.segments for w in s.words]
    return "".join(w.text for w in words if start <= (w.start + w.end) / 2 <= end)


@pytest.mark.parametrize("passage", ["zh-moss-single", "zh-soul-f"])
def test_a_passage_in_another_language_is_found_whole_and_not_translated(base: Ears, passage: str) -> None:
    """As whole as the model hears it in a recording of its own, where there is no other language to be misled by."""
    played = recording("mix-hidden")
    piece = next(p for p in played.pieces if p.id == passage)
    said, heard = tokens(piece.reference), tokens(within(base.hear(played), piece.start, piece.end))
    steps, alone = align(said, heard), align(said, tokens(base.hear(recording(passage)).text))
    found, found_alone = (sum(step.kind is Kind.SAME for step in taken) for taken in (steps, alone))
    foreign = [token for token in heard if not is_ideograph(token)]
    told = report(piece.reference, " ".join(heard))
    assert found >= found_alone - thresholds.PASSAGE_LESS * len(said), told
    assert tally(steps).lost <= tally(alone).lost + thresholds.PASSAGE_LESS * len(said), told
    assert len(foreign) <= thresholds.PASSAGE_FOREIGN_WORDS, foreign


def test_english_beside_speech_that_is_hardly_understood_is_heard(base: Ears) -> None:
    played = recording("made-mix")
    transcript = base.hear(played)
    scores = [score(p.reference, within(transcript, p.start, p.end)) for p in played.pieces if p.language == "en"]
    lost, said = sum(s.lost for s in scores), sum(s.tokens for s in scores)
    assert lost <= thresholds.BESIDE_LOST * said, f"{lost} of {said}"


def test_two_people_with_a_channel_each_are_both_heard_when_they_talk_at_once(base: Ears) -> None:
    """Their words interleave, so that only which words are there can be counted, not in which order."""
    played = recording("made-two-channels")
    said, heard = Counter(tokens(played.reference)), Counter(tokens(base.hear(played).text))
    lost = said - heard
    assert lost.total() <= thresholds.TWO_CHANNELS_LOST * said.total(), sorted(lost.elements())

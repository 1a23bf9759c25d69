"""A word's time is where it is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from core.domain.transcripts.transcript import Transcript
from tests.real import recordings, thresholds
from tests.real.conftest import Ears, recording
from tests.real.onset import onset
from tests.real.recordings import RATE, Piece, Recording
from tests.real.scoring import Kind, align, tokens

# Clips whose first sound is not that of the first word in their text, as the level of the sound and the times of their words
# tell: nothing can be measured on them.
OTHER_BEGINNING = {
    "en-vv1": "a breath first",
    "en-lucier": "six seconds of tape noise first",
    "en-sonnet2": "its number is read out first",
    "en-mfa-acoustic_corpus": "a click and a breath first",
    "en-mfa-cold_corpus": "an uh first",
    "en-mfa-cold_corpus3": "a breath first",
    "zh-fr-MEETING": "a room full of noise",
    "zh-frt2-s1": "an ah first, which transcripts leave out",
}


@dataclass(frozen=True)
class Late:
    """How much later than its sound a clip's first word begins; below zero it is early."""

    clip: str
    seconds: float


def timed_tokens(transcript: Transcript) -> list[tuple[str, float]]:
    """Each token with the start of the word that it is in."""
    return [(token, word.start) for s in transcript.segments for word in s.words for token in tokens(word.text)]


def first_words(played: Recording, transcript: Transcript) -> tuple[list[Late], int]:
    """Of those clips whose first word was found, heard rightly or before a word that was; and how many there are to be asked."""
    said: list[str] = []
    firsts: dict[int, Piece] = {}
    for piece in played.pieces:
        words = tokens(piece.reference)
        if words and piece.id not in OTHER_BEGINNING:
            firsts[len(said)] = piece
        said += words
    heard, samples = timed_tokens(transcript), played.samples()
    late = []
    steps = align(said, [token for token, _ in heard])
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if step.said not in firsts or step.heard is None:
            continue
        if step.kind is not Kind.SAME and not (following and following.kind is Kind.SAME):
            continue
        piece = firsts[step.said]
        begin = onset(samples[round(piece.start * RATE) : round(piece.end * RATE)])
        if begin is not None:
            late.append(Late(piece.id, heard[step.heard][1] - piece.start - begin))
    return late, len(firsts)


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        *("long-en", "long-en-close", "long-zh", "long-zh-close", "zh-gaps", "mix-blocks", "mix-hidden", "made-en-close"),
        *(pytest.param(name, marks=pytest.mark.short) for name in ("mix-quote", "made-en")),
    ],
)
def test_the_first_word_of_a_clip_begins_where_its_sound_does(base: Ears, name: str) -> None:
    played = recording(name)
    late, asked = first_words(played, base.hear(played))
    assert len(late) >= thresholds.FIRST_WORDS_FOUND * asked, f"the first word was found of {len(late)} clips of {asked}"
    off = np.abs([clip.seconds for clip in late])
    told = (
        f"median {np.median(off):.2f} s, 95 % {np.percentile(off, 95):.2f} s; {sorted(late, key=lambda c: -abs(c.seconds))[:8]}"
    )
    assert np.median(off) <= thresholds.FIRST_WORD_MEDIAN, told
    assert np.percentile(off, 95) <= thresholds.FIRST_WORD_P95, told


def noted() -> list[str]:
    """The clips with words whose times somebody noted."""
    return [row["id"] for row in recordings.clips() if row.get("words")] if recordings.no_voices() is None else []


@pytest.mark.real
def test_words_begin_where_somebody_noted_that_they_do(base: Ears) -> None:
    rows = {row["id"]: row.get("words") or [] for row in recordings.clips()} if (names := noted()) else {}
    if not names:
        pytest.skip(str(recordings.no_voices()))
    off = []
    for name in names:
        heard = timed_tokens(base.hear(recording(name)))
        said = [(token, start) for word, start, _ in rows[name] for token in tokens(word)]
        steps = align([token for token, _ in said], [token for token, _ in heard])
        same = [(s.said, s.heard) for s in steps if s.kind is Kind.SAME]
        off += [abs(said[a][1] - heard[b][1]) for a, b in same if a is not None and b is not None]
    assert len(off) > 20
    told = f"median {np.median(off):.2f} s, 95 % {np.percentile(off, 95):.2f} s of {len(off)} words"
    assert np.median(off) <= thresholds.WORD_MEDIAN and np.percentile(off, 95) <= thresholds.WORD_P95, told


@pytest.mark.parametrize("name", ["made-en", "made-zh", "made-en-close"])
def test_the_onset_of_clips_whose_beginning_is_known_is_found(name: str) -> None:
    played = recordings.of_ours()[name]
    samples = played.samples()
    found = [onset(samples[round(p.start * RATE) : round(p.end * RATE)]) for p in played.pieces]
    assert all(begin is not None and begin <= 0.05 for begin in found), found


def test_nothing_begins_in_silence_or_noise() -> None:
    assert onset(np.zeros(RATE, np.float32)) is None
    assert onset((np.random.default_rng(1).standard_normal(RATE) * 0.01).astype(np.float32)) is None

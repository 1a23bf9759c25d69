"""The voice detector: the library's own answers, and the speaker that those miss."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model

from core.speech.audio.decode import Samples
from core.speech.audio.detector import (
    BATCH_FRAMES,
    FRAME,
    LONGEST,
    PADDING,
    Probabilities,
    Span,
    faint,
    find,
    pad,
    probabilities,
    second_look,
    spans,
)
from core.speech.audio.spans import RATE
from tests.speech.audio.test_decode import decode
from tests.speech.conftest import SAMPLES


def random_probabilities(seed: int) -> Probabilities:
    """Speech and pauses of all lengths, with the odd frame in between."""
    rng = np.random.default_rng(seed)
    calm, long = rng.uniform(0.02, 0.5), rng.uniform(2, 400)
    state, found = rng.random() < 0.5, []
    while len(found) < 4000:
        state = not state
        length = 1 + int(rng.exponential(long if state else rng.choice([2, 5, 30])))
        found += list(np.clip((0.9 if state else 0.1) + calm * rng.standard_normal(length), 0, 1))
    return np.array(found, np.float32)


def library(found: Probabilities, length: int, monkeypatch: pytest.MonkeyPatch, *, padding: float) -> list[Span]:
    """The library's decision on these probabilities. Its own longest span leaves room for its padding."""
    monkeypatch.setattr("faster_whisper.vad.get_vad_model", lambda: lambda _: found)
    longest = (LONGEST + FRAME) / RATE + 2 * padding
    options = VadOptions(max_speech_duration_s=longest, min_silence_duration_ms=160, speech_pad_ms=round(padding * 1000))
    return [(int(s["start"]), int(s["end"])) for s in get_speech_timestamps(np.zeros(length, np.float32), options)]


@pytest.fixture(scope="module")
def episode() -> Samples:
    return decode(SAMPLES / "en_episode.mp3")


def test_batches_give_what_the_library_computes_at_once(episode: Samples) -> None:
    length = 5 * BATCH_FRAMES * FRAME + 100
    whole = np.pad(episode[:length], (0, FRAME - length % FRAME))
    expected = get_vad_model()(whole.copy())
    assert np.abs(probabilities(episode[:length]) - expected).max() < 1e-6


@pytest.mark.parametrize("length", [0, 1, FRAME - 1, FRAME, BATCH_FRAMES * FRAME, BATCH_FRAMES * FRAME + 1])
def test_there_is_one_probability_for_each_frame_and_one_for_the_rest(episode: Samples, length: int) -> None:
    samples = episode[:length].copy()
    assert probabilities(samples).shape == (length // FRAME + 1,)
    assert np.array_equal(samples, episode[:length])


@pytest.mark.parametrize("seed", range(40))
def test_spans_are_those_of_the_library(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = random_probabilities(seed)
    length = (len(found) - 1) * FRAME + seed % 2 * 77
    raw = spans(found, length)
    assert raw == library(found, length, monkeypatch, padding=0.0)
    assert pad(raw, length) == library(found, length, monkeypatch, padding=PADDING)
    assert all(end - first <= 30 * RATE for first, end in pad(raw, length))


@pytest.mark.parametrize("name", ["en_episode.mp3", "zh_episode.mp3", "mixed_noise.ogg", "silence.wav"])
def test_real_sound_gives_the_spans_of_the_library(name: str) -> None:
    samples = decode(SAMPLES / name)
    options = VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
    expected = [(int(s["start"]), int(s["end"])) for s in get_speech_timestamps(samples.copy(), options)]
    assert pad(spans(probabilities(samples), len(samples)), len(samples)) == expected


def test_no_speech_is_no_span() -> None:
    for samples in (np.zeros(0, np.float32), np.zeros(5 * RATE, np.float32)):
        assert find(samples) == []
        assert pad([], len(samples)) == []


def test_a_second_look_finds_what_the_first_one_left_out(episode: Samples) -> None:
    samples = episode[: 40 * RATE]
    first = spans(probabilities(samples), len(samples))
    kept = [s for s in first if s[0] <= 10 * RATE or s[1] >= 25 * RATE]
    again = second_look(samples, kept)
    assert len(kept) < len(first)
    assert covered(again) > 0.97 * covered(first)
    assert all(a[1] <= b[0] for a, b in pairwise(again))


def test_a_second_look_leaves_quiet_and_short_gaps_alone(episode: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = episode[: 40 * RATE].copy()
    samples[5 * RATE : 10 * RATE] *= 0.01
    monkeypatch.setattr("core.speech.audio.detector.probabilities", lambda piece: pytest.fail("searched"))
    quiet = [(0, 5 * RATE), (10 * RATE, len(samples))]
    assert second_look(samples, quiet) == quiet
    short = [(0, 12 * RATE), (12 * RATE + RATE // 2, len(samples))]
    assert second_look(samples, short) == short


def test_loud_sounds_near_each_other_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.zeros(12 * RATE, np.float32)
    samples[3 * RATE : 4 * RATE] = samples[int(5.5 * RATE) : int(6.5 * RATE)] = 0.1
    searched: list[int] = []

    def probabilities(piece: Samples) -> Probabilities:
        searched.append(len(piece))
        return np.ones(len(piece) // FRAME + 1, np.float32)

    monkeypatch.setattr("core.speech.audio.detector.probabilities", probabilities)
    assert second_look(samples, []) == [(RATE, int(8.5 * RATE))]
    assert searched == [int(7.5 * RATE)]


def test_what_the_network_is_half_sure_of_is_faint(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.full(20 * RATE, 0.1, np.float32)
    sure = [(0, 2 * RATE), (18 * RATE, 20 * RATE)]

    def probabilities(piece: Samples) -> Probabilities:
        found = np.full(len(piece) // FRAME + 1, 0.05, np.float32)
        found[100:130] = 0.3  # a second of a whisper
        found[200:203] = 0.3  # 0.1 s of anything
        return found

    monkeypatch.setattr("core.speech.audio.detector.probabilities", probabilities)
    assert second_look(samples, sure) == sure
    assert faint(samples, sure) == [(100 * FRAME, 130 * FRAME)], "from two seconds before the gap on"


def test_what_is_faint_lies_in_gaps_and_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.full(20 * RATE, 0.1, np.float32)
    samples[4 * RATE : 11 * RATE] = 0.0
    sure = [(0, 2 * RATE), (16 * RATE, 20 * RATE)]
    searched: list[int] = []

    def probabilities(piece: Samples) -> Probabilities:
        searched.append(len(piece))
        return np.full(len(piece) // FRAME + 1, 0.3, np.float32)

    monkeypatch.setattr("core.speech.audio.detector.probabilities", probabilities)
    assert faint(samples, sure) == [(2 * RATE, 6 * RATE), (9 * RATE, 16 * RATE)]
    assert searched == [8 * RATE, 11 * RATE], "each with two seconds more on both sides, as far as there are any"


def covered(found: list[Span]) -> int:
    return sum(end - first for first, end in found)

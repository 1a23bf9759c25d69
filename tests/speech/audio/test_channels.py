"""Stereo: a track for each channel only where each has a voice of its own; otherwise one mix."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from core.speech.audio.channels import Track, tracks
from core.speech.audio.decode import Samples
from core.speech.audio.detector import find
from core.speech.audio.spans import RATE
from tests.speech.audio.test_decode import decode
from tests.speech.conftest import ffmpeg
from tests.words import grammar

SECONDS = 40
LENGTH = SECONDS * RATE


def speak(language: str, seed: int) -> Samples:
    """One voice for 40 s, with a root mean square of about 0.06."""
    audio = np.asarray(grammar().make_episode(random.Random(seed), language, float(SECONDS)).audio, np.float32)
    sound = np.resize(audio, LENGTH)
    return (sound * (0.06 / np.sqrt(np.mean(sound**2)))).astype(np.float32)


def noise(level: float, seed: int = 0) -> Samples:
    """White noise; `level` in dBFS."""
    return (np.random.default_rng(seed).standard_normal(LENGTH) * 10 ** (level / 20)).astype(np.float32)


def pair(left: Samples, right: Samples) -> Samples:
    """Both channels, each with the faint noise of its own microphone."""
    return np.stack([left + noise(-70, 1), right + noise(-70, 2)], axis=1).astype(np.float32)


def late(sound: Samples, seconds: float, decibels: float) -> Samples:
    """The sound as a microphone further away hears it."""
    return (np.roll(sound, int(seconds * RATE)) * 10 ** (decibels / 20)).astype(np.float32)


def chosen(samples: Samples) -> list[int | None]:
    return [channel for channel, _ in tracks(samples, find)]


@pytest.fixture(scope="module")
def voices() -> tuple[Samples, Samples]:
    return speak("en", 1), speak("zh", 2)


@pytest.fixture(scope="module")
def turns(voices: tuple[Samples, Samples]) -> tuple[Samples, Samples]:
    """Two speakers in turns of five seconds."""
    first = np.arange(LENGTH) // (5 * RATE) % 2 == 0
    return np.where(first, voices[0], 0).astype(np.float32), np.where(first, 0, voices[1]).astype(np.float32)


def test_mono_is_one_track(voices: tuple[Samples, Samples]) -> None:
    [(channel, samples)] = tracks(voices[0], find)
    assert channel is None
    assert samples is voices[0]


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_a_speaker_on_each_side_is_two_tracks(turns: tuple[Samples, Samples], gain: float) -> None:
    samples = pair(turns[0], turns[1] * gain)
    found = tracks(samples, find)
    assert [channel for channel, _ in found] == [0, 1]
    for channel, sound in found:
        assert sound.shape == (LENGTH,)
        assert sound.dtype == np.float32
        assert np.sum(sound**2) > 0.95 * np.sum(samples[:, channel] ** 2)


def test_speakers_who_talk_at_the_same_time_are_two_tracks(voices: tuple[Samples, Samples]) -> None:
    samples = pair(*voices)
    found = tracks(samples, find)
    assert [channel for channel, _ in found] == [0, 1]
    for channel, sound in found:
        assert np.sum(sound**2) > 0.95 * np.sum(samples[:, channel] ** 2)


@pytest.mark.parametrize("decibels", [-20, *(pytest.param(one, marks=pytest.mark.long) for one in (-30, -15))])
def test_what_leaks_from_the_other_channel_is_heard_once(turns: tuple[Samples, Samples], decibels: float) -> None:
    left, right = turns
    samples = pair(left + late(right, 0.004, decibels), right + late(left, 0.006, decibels))
    found = tracks(samples, find)
    assert [channel for channel, _ in found] == [0, 1]
    for (_, sound), own, leak in zip(found, turns, reversed(turns), strict=True):
        assert heard(sound, own) > 0.9
        assert heard(sound, leak) < 0.25


def heard(sound: Samples, voice: Samples) -> float:
    """The share of a voice's time in which speech is found in `sound`."""
    found, spoken = np.zeros(LENGTH, np.bool_), np.zeros(LENGTH, np.bool_)
    for flags, samples in ((found, sound), (spoken, voice)):
        for first, end in find(samples):
            flags[first:end] = True
    return float((found & spoken).sum() / spoken.sum())


@pytest.mark.parametrize("gain", [1.0, 0.6, 0.2])
def test_one_voice_in_both_channels_is_one_mix(voices: tuple[Samples, Samples], gain: float) -> None:
    samples = pair(voices[0], voices[0] * gain)
    [(channel, mix)] = tracks(samples, lambda _: pytest.fail("the detector ran") if gain > 0.4 else find(_))
    assert channel in ((None,) if gain > 0.4 else (None, 0))
    assert np.array_equal(mix, samples.mean(axis=1) if channel is None else samples[:, 0])


def test_two_voices_in_one_room_are_one_mix(turns: tuple[Samples, Samples]) -> None:
    left, right = turns
    assert chosen(pair(left + late(right, 0.005, -4), right + late(left, 0.008, -3))) == [None]


def test_two_voices_beside_the_centre_are_one_mix(turns: tuple[Samples, Samples]) -> None:
    left, right = turns
    assert chosen(pair(0.7 * left + 0.3 * right, 0.3 * left + 0.7 * right)) == [None]


def test_a_voice_that_wanders_is_one_mix(voices: tuple[Samples, Samples]) -> None:
    place = 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(LENGTH) / LENGTH)
    assert chosen(pair((voices[0] * place).astype(np.float32), (voices[0] * (1 - place)).astype(np.float32))) == [None]


def test_a_lossy_codec_and_wide_music_leave_a_centred_voice_one_mix(tmp_path: Path, voices: tuple[Samples, Samples]) -> None:
    start = np.arange(LENGTH) < 8 * RATE
    tones = [sum(np.sin(2 * np.pi * f * np.arange(LENGTH) / RATE) for f in chord) / 30 for chord in ((262, 392), (330, 523))]
    voice = np.where(start, 0, voices[0])
    samples = pair(*((voice + np.where(start, tone, 0)).astype(np.float32) for tone in tones))
    raw = tmp_path / "a.raw"
    raw.write_bytes(samples.tobytes())
    ffmpeg("-f", "f32le", "-ar", "16000", "-ac", "2", "-i", raw, "-b:a", "48k", tmp_path / "a.mp3")
    assert chosen(decode(tmp_path / "a.mp3", stereo=True)) == [None]


@pytest.mark.parametrize("other", [-200.0, -65.0, -45.0, -32.0])
@pytest.mark.parametrize("channel", [0, 1])
def test_beside_a_channel_of_noise_the_voice_keeps_its_level(voices: tuple[Samples, Samples], channel: int, other: float) -> None:
    samples = np.stack([voices[0], noise(other)] if channel == 0 else [noise(other), voices[0]], axis=1)
    found: list[Track] = tracks(samples, find)
    assert [c for c, _ in found] == [channel]
    assert np.array_equal(found[0][1], voices[0])


def test_channels_that_cancel_each_other_give_the_louder_one(voices: tuple[Samples, Samples]) -> None:
    samples = pair(-0.8 * voices[0], voices[0])
    [(channel, sound)] = tracks(samples, find)
    assert channel == 1
    assert np.array_equal(sound, samples[:, 1])


def test_what_both_channels_say_first_is_transcribed_once(
    voices: tuple[Samples, Samples], turns: tuple[Samples, Samples]
) -> None:
    common = np.arange(LENGTH) < 10 * RATE
    samples = pair(np.where(common, voices[0], turns[0]), np.where(common, voices[0], turns[1]))
    (_, left), (_, right) = tracks(samples, find)
    assert np.array_equal(left[: 9 * RATE], samples[: 9 * RATE, 0])
    assert np.mean(right[: 9 * RATE] ** 2) < 0.1 * np.mean(left[: 9 * RATE] ** 2)


@pytest.mark.parametrize("length", [0, 1, 639, 640, 5000])
def test_silence_and_next_to_nothing_is_one_mix(length: int) -> None:
    [(channel, mix)] = tracks(np.zeros((length, 2), np.float32), find)
    assert channel is None
    assert mix.shape == (length,)

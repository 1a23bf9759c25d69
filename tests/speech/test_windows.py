"""Windows: where they are cut, and that nothing falls between them."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np

from core.speech.decode import RATE
from core.speech.windows import Track, ahead, choose_cut, stretches
from tests.speech.conftest import SAMPLES
from tests.speech.test_decode import decode

S = RATE


def test_the_cut_is_in_the_longest_pause_near_the_end() -> None:
    speech = ((0, 40 * S), (45 * S, 70 * S), (71 * S, 80 * S), (83 * S, 90 * S), (90 * S, 100 * S))
    assert choose_cut(speech, 100 * S, search=40 * S) == 81.5 * S


def test_without_a_pause_near_the_end_the_last_one_before_is_taken() -> None:
    assert choose_cut(((0, 30 * S), (31 * S, 60 * S), (60 * S, 100 * S)), 100 * S, search=20 * S) == 60 * S


def test_silence_at_the_end_is_cut_behind_the_last_word() -> None:
    assert choose_cut(((0, 80 * S),), 100 * S, search=20 * S) == 99.6 * S
    assert choose_cut((), 100 * S, search=20 * S) == 99.6 * S


def test_speech_without_any_pause_is_cut_at_the_end() -> None:
    assert choose_cut(((0, 100 * S),), 100 * S, search=20 * S) == 100 * S


def test_speech_around_the_place_to_go_on_from_is_not_lost() -> None:
    track = Track.of(np.zeros(100 * RATE, np.float32), [(10 * RATE, 20 * RATE), (30 * RATE, 40 * RATE)])
    assert track.after(15 * RATE).voiced == ((0, 5 * RATE), (15 * RATE, 25 * RATE))
    assert track.after(25 * RATE).voiced == ((5 * RATE, 15 * RATE),)


def test_faint_speech_is_kept_apart_from_what_is_certain() -> None:
    faint = [(15 * RATE, 16 * RATE), (50 * RATE, 51 * RATE)]
    track = Track.of(np.zeros(100 * RATE, np.float32), [(10 * RATE, 12 * RATE), (30 * RATE, 40 * RATE)], None, faint)
    assert track.voiced == ((10 * RATE, 12 * RATE), faint[0], (30 * RATE, 40 * RATE), faint[1])
    assert track.until(45 * RATE).faint == (faint[0],)
    assert track.until(45 * RATE).voiced == track.voiced[:3]
    assert track.after(45 * RATE).faint == ((5 * RATE, 6 * RATE),)


def test_stretches_tile_the_file_and_hold_its_samples() -> None:
    path = SAMPLES / "zh_episode.mp3"
    parts = list(ahead(stretches(path, 0, 15.0, threading.Event())))
    assert len(parts) > 3
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert np.array_equal(np.concatenate([p.tracks[0].samples for p in parts]), decode(path))
    for part in parts:
        (track,) = part.tracks
        assert all(0 <= begin < end <= part.length for begin, end in (*track.speech, *track.voiced))
        assert len(track.samples) == part.length <= 15 * S


def test_decoding_ends_when_it_is_told_to() -> None:
    stop = threading.Event()
    stop.set()
    assert list(ahead(stretches(SAMPLES / "zh_episode.mp3", 0, 15.0, stop))) == []

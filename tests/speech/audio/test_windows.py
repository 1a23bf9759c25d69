"""Windows: where they are cut, and that nothing falls between them."""

from __future__ import annotations

import os
import shutil
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import MediaUnreadable
from core.speech.audio import windows
from core.speech.audio.spans import RATE
from core.speech.audio.windows import Ahead, Track, WindowReader, choose_cut, stretches
from tests.speech.audio.test_decode import decode
from tests.speech.conftest import SAMPLES

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
    parts = list(Ahead().read(WindowReader(path, 0, 15.0)))
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
    assert list(stretches(SAMPLES / "zh_episode.mp3", 0, 15.0, stop)) == []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were opened to be read."""
    paths: list[Path] = []

    def note(path: Path, *rest: Any) -> Any:
        paths.append(path)
        return stretches(path, *rest)

    monkeypatch.setattr(windows, "stretches", note)
    return paths


def a_reading(path: Path) -> WindowReader:
    return WindowReader(path, 0, 15.0)


@pytest.mark.long
def test_the_file_that_comes_next_is_prepared_at_the_end_of_this_one(tmp_path: Path, opened: list[Path]) -> None:
    one, other = SAMPLES / "zh_episode.mp3", Path(shutil.copy(SAMPLES / "en_episode.mp3", tmp_path))
    ahead = Ahead()
    for part in ahead.read(a_reading(one), a_reading(other)):
        last = part
    ahead.quit()
    assert opened == [one, other]
    whole = [part.tracks[0].samples for part in ahead.read(a_reading(other))]
    assert opened == [one, other]
    assert np.array_equal(np.concatenate(whole), decode(other))
    assert last.end == len(decode(one))


@pytest.mark.parametrize(
    "change",
    [
        "another start",
        "other content",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("another file", "unreadable then")),
    ],
)
def test_what_was_prepared_for_something_else_is_let_go(tmp_path: Path, opened: list[Path], change: str) -> None:
    one, other = SAMPLES / "en_short.wav", Path(shutil.copy(SAMPLES / "en_episode.mp3", tmp_path))
    if change == "unreadable then":
        other.write_bytes(b"no sound")
        os.utime(other, ns=(1, 1))
    ahead = Ahead()
    assert list(ahead.read(a_reading(one), a_reading(other)))
    wanted = a_reading(other)
    if change == "another file":
        wanted = a_reading(SAMPLES / "zh_episode.mp3")
    if change == "another start":
        wanted = WindowReader(other, 5 * RATE, 15.0)
    if change == "other content":
        shutil.copy(SAMPLES / "zh_episode.mp3", other)
    if change == "unreadable then":
        with pytest.raises(MediaUnreadable):
            list(ahead.read(wanted))
        return
    found = np.concatenate([part.tracks[0].samples for part in ahead.read(wanted)])
    assert np.array_equal(found, decode(wanted.path)[wanted.start :])
    assert opened == [one, other, wanted.path]


def test_what_is_broken_off_prepares_nothing(opened: list[Path]) -> None:
    ahead = Ahead()
    parts = ahead.read(a_reading(SAMPLES / "zh_episode.mp3"), a_reading(SAMPLES / "en_episode.mp3"))
    next(parts)
    ahead.quit()
    assert len(list(parts)) <= 2
    assert opened == [SAMPLES / "zh_episode.mp3"]

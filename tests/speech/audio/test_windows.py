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
from core.speech.audio.detector import find
from core.speech.audio.spans import RATE, length
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


def test_the_first_window_is_short_and_the_next_ones_grow() -> None:
    full = 600 * S
    starts, start = [0], 0
    while (planned := windows.planned_length(start, full)) < full:
        start += planned
        starts.append(start)
    assert [at // S for at in starts] == [0, 30, 60, 120, 240, 480, 960][: len(starts)]
    assert windows.planned_length(0, 15 * S) == 15 * S


def test_an_early_cut_needs_a_clear_pause_in_the_second_half() -> None:
    assert windows.early_cut(((0, 10 * S), (11 * S, 20 * S), (22 * S, 30 * S)), 30 * S) == 21 * S
    assert windows.early_cut(((0, 10 * S), (12 * S, 20 * S), (41 * S // 2, 30 * S)), 30 * S) is None
    assert windows.early_cut(((0, 24 * S),), 30 * S) == 27 * S
    assert windows.early_cut(((0, 30 * S),), 30 * S) is None


@pytest.fixture(scope="module")
def planned() -> list[windows.Stretch]:
    return list(stretches(SAMPLES / "en_episode.mp3", 0, 600.0, threading.Event()))


def test_early_windows_tile_the_file_and_join_in_silence(planned: list[windows.Stretch]) -> None:
    whole = find(decode(SAMPLES / "en_episode.mp3"))
    assert len(planned) > 2
    assert planned[0].end <= windows.FIRST_SECONDS * S
    assert all(a.end == b.start for a, b in pairwise(planned))
    for part in planned[:-1]:
        assert not any(begin < part.end < end for begin, end in whole)
    assert sum(length([s]) for part in planned for s in part.tracks[0].voiced) == pytest.approx(length(whole), rel=0.02)


def test_a_resumed_run_plans_the_same_windows(planned: list[windows.Stretch]) -> None:
    for part in planned[1:]:
        again = list(stretches(SAMPLES / "en_episode.mp3", part.start, 600.0, threading.Event()))
        assert [each.end for each in again] == [each.end for each in planned if each.start >= part.start]


def test_speech_without_a_clear_pause_gets_the_longer_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "FIRST_SECONDS", 10.0)
    monkeypatch.setattr(windows, "CLEAR_PAUSE", 1e9)
    ends = [part.end for part in stretches(SAMPLES / "zh_episode.mp3", 0, 25.0, threading.Event())]
    assert 20 * S < ends[0] <= 25 * S

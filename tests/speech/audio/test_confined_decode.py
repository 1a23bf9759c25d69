"""Decoding in a process of its own: the same samples, and whatever goes wrong with it stays there."""

from __future__ import annotations

import os
import signal
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaMissing, MediaUnreadable, Transient
from core.speech.audio.confined_decode import ConfinedDecode
from core.speech.audio.decode import AudioStream
from core.speech.audio.spans import RATE
from tests.speech.audio.test_decode import decode, two_voices
from tests.speech.conftest import SAMPLES


@pytest.mark.parametrize("start", [0, 20 * RATE + 7])
def test_the_samples_are_those_of_decoding_here(start: int) -> None:
    path = SAMPLES / "zh_episode.mp3"
    hearing = ConfinedDecode(path)
    assert np.array_equal(np.concatenate(list(hearing.blocks(start))), decode(path, start))
    hearing.close()
    here = AudioStream(path)
    assert hearing.duration == here.duration
    here.close()


def test_two_channels_come_through_the_pipe(tmp_path: Path) -> None:
    path = two_voices(tmp_path / "a.mp3")
    for stereo in (True, False):
        hearing = ConfinedDecode(path)
        assert hearing.channels == 2
        assert np.array_equal(np.concatenate(list(hearing.blocks(RATE, stereo=stereo))), decode(path, RATE, stereo=stereo))
        hearing.close()


def test_one_channel_is_one_whatever_is_asked_for() -> None:
    hearing = ConfinedDecode(SAMPLES / "en_short.wav")
    assert hearing.channels == 1
    assert all(block.ndim == 1 for block in hearing.blocks(stereo=True))
    hearing.close()


def test_what_is_wrong_with_a_file_is_told_as_it_would_be_here(tmp_path: Path) -> None:
    junk = tmp_path / "junk.mp3"
    junk.write_bytes(b"\xff\xfb\x90\x00" + bytes(20_000))
    with pytest.raises(MediaMissing, match=r"none\.mp3"):
        ConfinedDecode(tmp_path / "none.mp3")
    with pytest.raises(MediaUnreadable, match=r"junk\.mp3"):
        list(ConfinedDecode(junk).blocks())


def test_a_crash_is_the_files_fault_and_a_kill_is_not() -> None:
    for how, error in ((signal.SIGSEGV, MediaUnreadable), (signal.SIGKILL, Transient)):
        hearing = ConfinedDecode(SAMPLES / "en_episode.mp3")
        os.kill(hearing._child._process.pid, how)
        with pytest.raises(error):
            list(hearing.blocks())


def test_one_that_is_left_in_the_middle_leaves_no_process() -> None:
    hearing = ConfinedDecode(SAMPLES / "en_episode.mp3")
    assert len(list(islice(hearing.blocks(), 1))) == 1
    hearing.close()
    assert hearing._child._process.poll() is not None

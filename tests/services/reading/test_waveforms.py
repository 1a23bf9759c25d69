"""Waveforms: measured after they were asked for, kept for the audio that they belong to, and swept when nobody looks."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.errors import NotFound, Transient
from core.services.reading import waveforms
from core.services.reading.waveforms import DAY, UNSEEN, Waveforms
from core.speech.audio import waveform
from core.store.library import episodes
from tests.runner_fixture import Rig

SAMPLE = Path(__file__).resolve().parents[3] / "demo" / "samples" / "en_short.wav"


class Kept(Waveforms):
    """Waveforms whose clock the test moves."""

    def __init__(self, rig: Rig) -> None:
        self.now = 2e9
        self.folder = rig.data / waveforms.FOLDER
        super().__init__(rig.store, rig.data, clock=lambda: self.now)

    def age(self, seconds: float) -> None:
        for path in self.folder.iterdir():
            os.utime(path, (self.now - seconds, self.now - seconds))


@pytest.fixture
def kept(rig: Rig) -> Kept:
    return Kept(rig)


def add(rig: Rig, media: str | None) -> int:
    values = {"title": "A talk", "source": "upload", "media_path": media}
    return rig.store.write(partial(episodes.add, values=values, now=1.0))


@pytest.fixture
def talk(rig: Rig) -> int:
    shutil.copyfile(SAMPLE, rig.data / "uploads" / "talk.wav")
    return add(rig, "uploads/talk.wav")


def test_it_comes_after_it_was_asked_for(kept: Kept, talk: int) -> None:
    kept.step()
    assert kept.show(OWNER, talk) is None
    kept.step()
    levels = kept.show(OWNER, talk)
    assert levels and max(levels) == 255
    assert [path.suffix for path in kept.folder.iterdir()] == [".levels"]


def test_other_audio_is_measured_anew(rig: Rig, kept: Kept, talk: int) -> None:
    kept.show(OWNER, talk)
    kept.step()
    rig.store.write(partial(episodes.change, episode_id=talk, values={"sha256": "b" * 64}, now=2.0))
    assert kept.show(OWNER, talk) is None


def test_an_episode_without_audio_has_none_and_a_missing_one_is_said(rig: Rig, kept: Kept) -> None:
    assert kept.show(OWNER, add(rig, None)) == b""
    with pytest.raises(NotFound):
        kept.show(OWNER, 99)


def test_what_cannot_be_measured_is_tried_again_in_a_day(rig: Rig, kept: Kept) -> None:
    (rig.data / "uploads" / "broken.mp3").write_bytes(b"no audio")
    for episode_id in (add(rig, "uploads/broken.mp3"), add(rig, "uploads/gone.mp3")):
        assert kept.show(OWNER, episode_id) is None
        kept.step()
        kept.age(DAY - 1)
        assert kept.show(OWNER, episode_id) == b""
        kept.age(DAY + 1)
        assert kept.show(OWNER, episode_id) is None


def test_a_decoder_that_was_ended_leaves_no_mark(kept: Kept, talk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(path: Path) -> bytes:
        raise Transient("ended from outside")

    monkeypatch.setattr(waveform, "measure", ended)
    kept.show(OWNER, talk)
    kept.step()
    assert not kept.folder.exists()
    assert kept.show(OWNER, talk) is None


def test_what_nobody_looks_at_is_swept(kept: Kept, talk: int) -> None:
    kept.show(OWNER, talk)
    kept.step()
    kept.age(UNSEEN - 1)
    kept.tidy()
    assert kept.show(OWNER, talk)  # looked at: young again
    kept.tidy()
    assert kept.show(OWNER, talk)
    kept.age(UNSEEN + 1)
    kept.tidy()
    assert list(kept.folder.iterdir()) == []

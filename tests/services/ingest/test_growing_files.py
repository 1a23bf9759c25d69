"""A recorder that pauses loses nothing: its file waits in the inbox, and where nobody sees it write, the episode follows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from core.domain.jobs.job import Stage, State
from core.files import partial_files
from core.pipeline.steps.fetch import Fetched
from core.services.ingest import growing_files
from core.services.ingest.growing_files import GrowingFiles
from core.services.ingest.strays import Strays
from core.sources.uploads import inbox as inbox_module
from core.sources.uploads.inbox import Inbox
from core.store.library import episodes
from tests.runner_fixture import Rig
from tests.sources.samples import SAMPLES

SOUND = SAMPLES / "en_short.wav"

# Writes a WAV file of silence a line of stdin at a time, as a recorder does that flushes seldom.
RECORDER = """
import sys
out = open(sys.argv[1], "r+b" if sys.argv[2:] else "wb")
out.seek(0, 2)
for line in sys.stdin:
    out.write(bytes(int(line)))
    out.flush()
    print(out.tell(), flush=True)
"""


class Recorder:
    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", RECORDER, str(path), *(["on"] if path.exists() else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, size: int) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{size}\n".encode())
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network share: nobody can tell who writes."""
    for module in (growing_files, inbox_module):
        monkeypatch.setattr(module, "open_for_writing", lambda path: None)


def recording(path: Path) -> Path:
    """A WAV file whose header names no length, so that it may grow."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(bytes(32000))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    return path


def watch(rig: Rig) -> Inbox:
    folder = rig.data / "inbox"
    folder.mkdir(exist_ok=True)
    return Inbox(folder, lambda path: rig.ingest.take_file(path) and None, settle_seconds=3.0)


def sole(rig: Rig) -> tuple[int, Path]:
    [episode] = episodes.from_inbox(rig.store.read(), since=0.0)
    path = rig.data / (episode.media_path or "")
    assert (episode.bytes, episode.sha256) == (path.stat().st_size, partial_files.sha256_of(path))
    assert list((rig.data / "uploads").glob("[!.]*.wav")) == [path]
    return episode.id, path


def test_a_file_that_a_recorder_has_open_waits_however_long_it_pauses(rig: Rig) -> None:
    inbox = watch(rig)
    path = recording(rig.data / "inbox" / "talk.wav")
    recorder = Recorder(path)
    recorder.write(32000)
    for now in (0.0, 5.0, 3600.0, 7200.0):
        assert inbox.step(now) < 5
    assert path.exists() and episodes.count(rig.store.read()) == 0
    whole = recorder.write(64000)
    inbox.step(7300.0)
    recorder.close()
    inbox.step(7301.0)
    inbox.step(7310.0)
    assert not path.exists()
    assert sole(rig)[1].stat().st_size == whole


@pytest.mark.usefixtures("unseen")
def test_what_is_written_after_a_file_was_taken_is_taken_too(rig: Rig) -> None:
    inbox, later = watch(rig), GrowingFiles(rig.store, rig.ingest, rig.data)
    recorder = Recorder(recording(rig.data / "inbox" / "talk.wav"))
    recorder.write(32000)
    inbox.step(0.0)
    inbox.step(5.0)
    episode_id, first = sole(rig)
    rig.stages[Stage.FETCH] = lambda given, work: Fetched(given.episode.media_path or "")
    for stage in Stage:
        rig.runner.step(stage)
    later.step()
    later.step()
    assert sole(rig) == (episode_id, first)
    for size in (64000, 32000):
        whole = recorder.write(size)
        later.step()
        assert first.exists()  # it may not be at rest yet
        later.step()
        first = sole(rig)[1]
        assert (sole(rig)[0], first.stat().st_size) == (episode_id, whole)
        assert rig.state(episode_id, Stage.TRANSCRIBE) is State.QUEUED
    recorder.close()
    Strays(rig.store, rig.ingest, rig.data).step()
    later.step()
    assert sole(rig) == (episode_id, first)


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("change", ["same length", "shorter", "touched", "noise"])
def test_a_file_that_changed_while_nothing_ran(rig: Rig, change: str) -> None:
    inbox = watch(rig)
    recording(rig.data / "inbox" / "talk.wav")
    inbox.step(0.0)
    inbox.step(5.0)
    episode_id, path = sole(rig)
    before, changed = partial_files.sha256_of(path), bytearray(path.read_bytes())
    if change == "same length":
        changed[20000:20100] = bytes(range(100))
    elif change == "shorter":
        del changed[20000:]
    elif change == "noise":
        changed[:4096] = os.urandom(4096)
    with path.open("r+b") as file:
        file.write(changed)
        file.truncate()
    os.utime(path, (time.time() + 5, time.time() + 5))
    for _ in range(2):
        later = GrowingFiles(rig.store, rig.ingest, rig.data)
        for _ in range(3):
            later.step()
    if change == "noise":
        assert path.read_bytes() == changed  # kept, whatever it is
        assert episodes.get(rig.store.read(), episode_id).sha256 == before
    else:
        assert (sole(rig)[1] == path) is (change == "touched")
        assert sole(rig)[1].read_bytes() == changed


def test_a_recording_with_another_name_elsewhere_is_copied(rig: Rig) -> None:
    inbox = watch(rig)
    elsewhere = recording(rig.data / "elsewhere.wav")
    os.link(elsewhere, rig.data / "inbox" / "talk.wav")
    inbox.step(0.0)
    inbox.step(5.0)
    before = sole(rig)
    elsewhere.write_bytes(b"other tags")
    assert sole(rig) == before

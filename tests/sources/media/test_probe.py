import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import EmptyUpload, MediaMissing, NotAudio, Transient
from core.sources.media.probe import probe
from tests.sources.samples import SAMPLES, not_audio


def test_the_whole_way_through_the_child() -> None:
    found = probe(SAMPLES / "en_episode.mp3")
    assert (found.media_type, found.suffix) == ("audio/mpeg", ".mp3")
    assert found.duration == pytest.approx(179.38, abs=0.1)
    info = found.info(bytes=5, sha256="ab")
    assert (info.duration, info.bytes, info.sha256) == (found.duration, 5, "ab")


def test_refusals_come_through_the_child_with_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(not_audio()["junk.mp3"])
    with pytest.raises(NotAudio, match=r"holiday\.mp3 is no audio"):
        probe(tmp_path / "x", name="holiday.mp3")
    (tmp_path / "y").write_bytes(not_audio()["list.m3u8"])
    with pytest.raises(NotAudio, match="a playlist"):
        probe(tmp_path / "y")
    (tmp_path / "z").touch()
    with pytest.raises(EmptyUpload):
        probe(tmp_path / "z")
    with pytest.raises(MediaMissing):
        probe(tmp_path / "missing")


def test_a_child_that_hangs_is_ended() -> None:
    with pytest.raises(Transient, match="could not be examined"):
        probe(SAMPLES / "en_short.wav", timeout=0.001)


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ("kill -SEGV $$", NotAudio),
        ("kill -ABRT $$", NotAudio),
        ("kill -KILL $$", Transient),
        ("kill -INT $$", Transient),
        ("exit 1", Transient),
    ],
)
def test_a_crash_is_the_files_fault_and_a_kill_is_not(
    end: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\n{end}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(error):
        probe(SAMPLES / "en_short.wav")


def test_the_child_sees_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nenv > {tmp_path}/env\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CASTMIND_PASSWORD", "secret")
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(Transient):
        probe(SAMPLES / "en_short.wav")
    assert "secret" not in (tmp_path / "env").read_text()


def test_the_server_imports_neither_av_nor_numpy() -> None:
    sources = ["uploads.multipart", "uploads.inbox", "media.download", "media.probe", "media.sniff", "feeds.fetch", "feeds.parse"]
    names = [*(f"core.sources.{name}" for name in sources), "core.sources.sanitize", "core.net.web", "core.files.partial_files"]
    program = (
        ";".join(f"import {name}" for name in names)
        + ";import sys;print([m for m in ('av','numpy','pandas') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"

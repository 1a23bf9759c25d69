import errno
import os
from pathlib import Path

import pytest

from core.errors import DiskFull
from core.files import partial_files
from core.files.partial_files import (
    check_space,
    disk_errors,
    keep,
    new_part,
    notes_of,
    safe_name,
    sha256_of,
    sweep,
    title_of,
    title_of_address,
)


def test_a_part_is_kept_under_its_hash(tmp_path: Path) -> None:
    part = new_part(tmp_path / "uploads")
    part.write_bytes(b"abc")
    sha256 = sha256_of(part)
    assert sha256.startswith("ba7816bf")
    assert keep(part, tmp_path / "uploads", sha256, ".mp3") == f"uploads/{sha256}.mp3"
    assert [p.name for p in (tmp_path / "uploads").iterdir()] == [f"{sha256}.mp3"]


def test_the_same_bytes_again_leave_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        part = new_part(tmp_path)
        part.write_bytes(b"abc")
        keep(part, tmp_path / "media", "aa", ".mp3")
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["aa.mp3"]


def test_a_file_of_another_disk_is_copied_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "inbox.mp3"
    source.write_bytes(b"abc")
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self == source:
            raise OSError(errno.EXDEV, "other disk")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    keep(source, tmp_path / "uploads", "aa", ".mp3")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()] == ["uploads/aa.mp3"]


def test_sweep_takes_a_folder_that_a_page_was_read_in(tmp_path: Path) -> None:
    folder = tmp_path / "page-episode-1.part"
    folder.mkdir()
    (folder / "audio-Frag1").touch()
    assert sweep(tmp_path, keep={"episode-1.part"}) == 1
    assert list(tmp_path.iterdir()) == []


def test_sweep_deletes_parts_and_their_notes_but_for_those_still_wanted(tmp_path: Path) -> None:
    for name in ("a.part", "b.part", "b.part.json", "c.part", "c.part.json", "whole.mp3"):
        (tmp_path / name).touch()
    assert sweep(tmp_path, keep={"c.part"}) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.part", "c.part.json", "whole.mp3"]
    assert sweep(tmp_path / "missing") == 0
    assert notes_of(tmp_path / "c.part").name == "c.part.json"


def test_no_space_is_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_space(tmp_path, 0)
    with pytest.raises(DiskFull, match="Make room"):
        check_space(tmp_path, 1 << 60)
    with pytest.raises(DiskFull):
        check_space(tmp_path, 0, coming=1 << 60)
    with pytest.raises(DiskFull), disk_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="no /dev/full here")
def test_a_really_full_device_says_so() -> None:
    with pytest.raises(DiskFull), disk_errors(Path("/dev")), Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def test_a_folder_that_cannot_be_synced_does_not_lose_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = new_part(tmp_path)
    part.write_bytes(b"abc")
    real = partial_files.sync

    def sync(path: Path) -> None:
        if path.is_dir():
            raise OSError(errno.EINVAL, "not for folders")
        real(path)

    monkeypatch.setattr(partial_files, "sync", sync)
    assert keep(part, tmp_path, "aa", ".mp3")


@pytest.mark.parametrize(
    ("sent", "safe", "title"),
    [
        ("episode_12.mp3", "episode_12.mp3", "episode 12"),
        ("../../etc/passwd", "passwd", "passwd"),
        ("C:\\Users\\me\\Talk.m4a", "Talk.m4a", "Talk"),
        ("a\x00b\n\r\tc\u202e3pm.mp3", "a b c 3pm.mp3", "a b c 3pm"),
        ("🎙️ 第一期：开始.mp3", "🎙️ 第一期：开始.mp3", "🎙️ 第一期：开始"),
        ("Vol. 1. The end", "Vol. 1. The end", "Vol. 1. The end"),
        ("..", "", ""),
        ("", "", ""),
        ("/", "", ""),
        (".mp3", "mp3", "mp3"),
    ],
)
def test_names_are_made_safe(sent: str, safe: str, title: str) -> None:
    assert (safe_name(sent), title_of(sent)) == (safe, title)


def test_long_names_are_cut_and_keep_their_ending() -> None:
    name = safe_name("长" * 500 + ".mp3")
    assert len(name) == 200
    assert name.endswith("….mp3")
    assert len(title_of("x" * 500 + ".mp3")) <= 200


def test_a_title_from_an_address_holds_no_password() -> None:
    assert title_of_address("https://anna:pw@a.example/x/My_talk.mp3?key=1#t") == "My talk"
    assert title_of_address("https://anna:pw@a.example/?key=1") == title_of_address("https://anna:pw@a.example") == "a.example"

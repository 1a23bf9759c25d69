from __future__ import annotations

import errno
from pathlib import Path

import pytest

from core.errors import DiskFull
from core.export import export_files


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hello, World!", "7-Hello-World"),
        ("第三章：经济 & 音乐", "7-第三章-经济-音乐"),
        ("../../etc/passwd", "7-etc-passwd"),
        ("a\0b\nc\u202e", "7-a-b-c"),
        ("...", "7-episode"),
        ("", "7-episode"),
        ("Cafe\u0301", "7-Café"),
    ],
)
def test_names_keep_letters_and_nothing_that_leads_elsewhere(title: str, name: str) -> None:
    assert export_files.file_name(7, title) == name


@pytest.mark.parametrize("title", ["x" * 500, "经" * 500, "é" * 500, "𠀀" * 500])
def test_names_are_at_most_120_bytes_of_whole_characters(title: str) -> None:
    name = export_files.file_name(12345, title)
    assert 115 < len(name.encode()) <= 120 and "\ufffd" not in name


def test_a_new_title_replaces_the_files_of_the_old_one(tmp_path: Path) -> None:
    export_files.write(tmp_path, export_files.file_name(1, "Old"), {"md": "old", "vtt": "WEBVTT"})
    export_files.write(tmp_path, export_files.file_name(11, "Other"), {"md": "other"})
    (tmp_path / "1-plan.docx").write_text("somebody's own")
    assert export_files.write(tmp_path, export_files.file_name(1, "New"), {"md": "new"}) == ("1-New.md",)
    assert {p.name for p in tmp_path.iterdir()} == {"1-New.md", "11-Other.md", "1-plan.docx"}
    assert (tmp_path / "1-New.md").read_text() == "new"


def test_removing_takes_all_of_one_episode(tmp_path: Path) -> None:
    export_files.write(tmp_path, "1-A", {"md": "", "json": ""})
    export_files.write(tmp_path, "2-B", {"md": ""})
    (tmp_path / ".1-A.vtt.tmp").write_text("half")
    export_files.remove(tmp_path, 1)
    export_files.remove(tmp_path / "missing", 1)
    assert [p.name for p in tmp_path.iterdir()] == ["2-B.md"]


@pytest.mark.parametrize(("name", "suffix"), [("../1-x", "md"), ("1-a/b", "md"), ("x", "md"), ("1-x", "exe"), ("1-x", "md/../x")])
def test_only_names_of_our_making_are_written(name: str, suffix: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="file_name"):
        export_files.write(tmp_path / "exports", name, {suffix: ""})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_files.write(tmp_path, "1-A", {"md": "old"})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export_files.os, "fsync", full)
    with pytest.raises(DiskFull):
        export_files.write(tmp_path, "1-A", {"md": "new"})
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"1-A.md": "old"}


@pytest.mark.parametrize("name", [".1-A.md.tmp", ".12-第三集.vtt.tmp", ".7-a b.json.tmp"])
def test_what_a_crash_left_half_written_goes_whatever_episode_it_was_of(tmp_path: Path, name: str) -> None:
    export_files.write(tmp_path, "1-A", {"md": "whole"})
    others = ("notes.tmp", ".own.tmp", ".1-A.md", ".7-A.exe.tmp")
    for each in (name, *others):
        (tmp_path / each).write_text("half")
    assert export_files.sweep(tmp_path) == 1
    assert {p.name for p in tmp_path.iterdir()} == {"1-A.md", *others}
    assert export_files.sweep(tmp_path / "not there") == 0

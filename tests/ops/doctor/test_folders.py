"""Folders: mounts, owners, secrets, room, leftovers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.ops.doctor import folders
from core.ops.doctor.finding import Patient
from tests.ops.doctor.conftest import MakePatient, codes

DAY = 86_400.0


def test_a_read_only_mount_is_a_fault(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.status for each in folders.mounts(filled)] == ["pass"]
    seen = os.statvfs(filled.data)

    class ReadOnly:
        f_flag = seen.f_flag | os.ST_RDONLY

    monkeypatch.setattr(folders.os, "statvfs", lambda path: ReadOnly if path.name == "media" else seen)
    assert codes(folders.mounts, filled)["mounts.read_only"].params["folder"] == str(filled.data / "media")


def test_missing_folders_can_be_made(filled: Patient) -> None:
    found = codes(folders.permissions, filled)["permissions.missing"]
    assert found.fix == "folders" and "inbox" in str(found.params["folders"])
    for name in folders.FOLDERS:
        (filled.data / name).mkdir(exist_ok=True)
    assert set(codes(folders.permissions, filled)) == {"permissions.right"}


def test_before_the_first_start_there_is_nothing_to_complain_of(patient: Patient) -> None:
    assert set(codes(folders.permissions, patient)) == {"permissions.no_folder"}


def test_files_of_another_user_and_closed_folders_are_named(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders.os, "getuid", lambda: 4242)
    monkeypatch.setattr(folders.os, "access", lambda path, mode: not (path.name == "media" and mode & os.W_OK))
    found = codes(folders.permissions, filled)
    assert found["permissions.closed"].status == "fail" and found["permissions.closed"].params["uid"] == 4242
    assert int(found["permissions.others"].params["count"]) > 4 and "permissions.right" not in found


def test_a_secret_that_others_can_read_is_named(filled: Patient, make: MakePatient, tmp_path: Path) -> None:
    key, given = filled.data / "secret.key", tmp_path / "index"
    for path in (key, given):
        path.write_text("x")
        path.chmod(0o640)
    patient = replace(filled, environ={"CASTMIND_PODCASTINDEX_SECRET_FILE": str(given)})
    found = list(folders.secrets(patient))
    assert {(each.code, each.fix, each.params["path"]) for each in found} == {
        ("secrets.open", "secret_modes", str(key)),
        ("secrets.open", "secret_modes", str(given)),
    }
    for path in (key, given):
        path.chmod(0o600)
    assert [each.code for each in folders.secrets(patient)] == ["secrets.closed"]


def test_large_logs_are_named(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(folders.logs, filled)["logs.small"].params["megabytes"] == 0
    monkeypatch.setattr(folders, "MOST_LOG_MB", -1)
    assert codes(folders.logs, filled)["logs.large"].status == "warn"


def test_only_old_parts_are_left_over_and_downloads_are_not_among_them(filled: Patient) -> None:
    old = filled.now - 2 * DAY
    for name in ("exports/a.part", "backups/b.part", "media/c.part", "uploads/d.part"):
        path = filled.data / name
        path.write_text("xx")
        os.utime(path, (old, old))
    (filled.data / "exports" / "fresh.part").write_text("x")
    found = codes(folders.leftovers, filled)["leftovers.parts"]
    assert (found.params["count"], found.fix) == (2, "parts")
    assert "leftovers.none" in codes(folders.leftovers, replace(filled, now=old + DAY - 60))


def test_the_nearest_folder_is_that_which_exists(tmp_path: Path) -> None:
    assert folders.nearest(tmp_path / "a" / "b") == tmp_path

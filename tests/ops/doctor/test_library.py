"""The library: damage is told apart, files are compared with rows, backups are read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.ops.backup.backups import Backups
from core.ops.doctor import library
from core.ops.doctor.finding import Patient
from core.store.examine import integrity
from tests.ops.doctor.conftest import MakePatient, codes

DAY = 86_400.0


def test_a_library_is_whole_and_none_is_no_fault(patient: Patient, filled: Patient) -> None:
    assert set(codes(library.database, filled)) == {"database.whole"}


def test_before_the_first_start_there_is_no_library(patient: Patient) -> None:
    assert set(codes(library.database, patient)) == {"database.none"}


@pytest.mark.parametrize(
    ("content", "code"), [(None, "database.missing"), (b"", "database.missing"), (b"broken" * 999, "database.damaged")]
)
def test_a_library_that_a_start_would_not_find_is_named(patient: Patient, content: bytes | None, code: str) -> None:
    (patient.data / "uploads").mkdir(parents=True)
    (patient.data / "uploads" / "talk.mp3").write_bytes(b"sound")
    if content is not None:
        patient.database.write_bytes(content)
    found = codes(library.database, patient)
    assert set(found) == {code} and found[code].status == "fail"


def test_damage_of_each_kind_has_its_own_code(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    state = integrity.FileState(("row 3 missing from index",), 2, "malformed", 10)
    monkeypatch.setattr(library.integrity, "look", lambda *_: state)
    found = codes(library.database, filled)
    assert set(found) == {"database.damaged", "database.references", "database.index"}
    assert found["database.index"].fix == "index" and found["database.references"].params["count"] == 2


def test_a_database_that_takes_too_long_is_no_fault(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "DATABASE_SECONDS", -1.0)
    monkeypatch.setattr(integrity, "STEPS_BETWEEN_LOOKS", 1)
    assert codes(library.database, filled)["database.large"].status == "pass"


def test_rows_and_files_are_compared(filled: Patient) -> None:
    assert set(codes(library.files, filled)) == {"files.agree"}
    with closing(sqlite3.connect(filled.database)) as db:
        (name,) = db.execute("SELECT media_path FROM episodes WHERE id = 2").fetchone()
    (filled.data / name).unlink()
    extra, fresh = filled.data / "media" / "extra.mp3", filled.data / "media" / "fresh.mp3"
    for path in (extra, fresh):
        path.write_text("sound")
    os.utime(extra, (filled.now - 2 * DAY,) * 2)
    (filled.data / "exports" / "99-gone.md").write_text("x")
    found = codes(library.files, filled)
    assert found["files.missing"].params == {"count": 1, "episode": 2}
    assert found["files.unnamed"].params["count"] == 1 and found["files.exports"].params == {"count": 1}


def test_the_latest_backup_is_read_to_its_end(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled.backups.create("manual", media=False)
    assert codes(library.backups, filled)["backups.whole"].params["name"] == made.name
    monkeypatch.setattr(library, "VERIFY_SECONDS", -1.0)
    assert "backups.large" in codes(library.backups, filled)
    content = bytearray(made.path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    made.path.write_bytes(content)
    monkeypatch.setattr(library, "VERIFY_SECONDS", 20.0)
    again = replace(filled, backups=Backups(filled.data, lambda: filled.settings))
    assert codes(library.backups, again)["backups.damaged"].status == "fail"


def test_a_library_without_any_backup_is_told(filled: Patient, make: MakePatient) -> None:
    assert "backups.none" in codes(library.backups, make(backup_nightly="false"))
    (filled.data / "backups" / "castmind-manual-20260101-000000.zip").write_text("no zip")
    assert any(code == "backups.unreadable" for code in codes(library.backups, make())), list(codes(library.backups, make()))


def test_nothing_is_compared_without_a_library(patient: Patient, tmp_path: Path) -> None:
    assert list(library.files(patient)) == []

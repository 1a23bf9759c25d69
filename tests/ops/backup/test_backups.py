"""Backups as they are made, listed, and let go."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.errors import BackupFailed, BackupForeign, BackupNoRoom, BackupRunning, Cancelled, NotFound
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import Backups
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, night, parts_of

NOON = datetime(2026, 3, 10, 12, 0).timestamp()
DAY = timedelta(days=1).total_seconds()


# --- making -----------------------------------------------------------------------------------------


def test_a_cancelled_backup_leaves_nothing(backups: Backups) -> None:
    with pytest.raises(Cancelled):
        backups.create(media=True, cancelled=lambda: True)
    assert list(backups.folder.iterdir()) == [] and not backups.making()
    assert backups.create(media=False).error is None


def test_one_at_a_time(backups: Backups) -> None:
    refused: list[str] = []

    def meanwhile(phase: str, _done: int, _total: int) -> None:
        if phase == "finishing":
            assert backups.making()
            with pytest.raises(BackupRunning) as error:
                backups.create(media=False)
            refused.append(error.value.code)

    backups.create(media=False, on_progress=meanwhile)
    assert refused == ["backup_running"]


def test_two_in_one_second_have_two_names(data: Path) -> None:
    backups = backups_of(data, now=NOON)
    assert [backups.create(media=False).name for _ in range(2)] == [
        "castmind-manual-20260310-120000.zip",
        "castmind-manual-20260310-120000-1.zip",
    ]


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        backups_of(tmp_path / "data").create(media=False)


def test_a_database_that_cannot_be_read_is_said(backups: Backups, data: Path) -> None:
    (data / "castmind.db").write_bytes(b"no database" * 1000)
    with pytest.raises(BackupFailed, match="not a database"):
        backups.create(media=False)
    assert list(backups.folder.iterdir()) == []


# --- listing ----------------------------------------------------------------------------------------


def test_the_newest_comes_first_and_what_cannot_be_read_says_why(data: Path) -> None:
    first, second = (backups_of(data, now=NOON + n).create(media=False) for n in (0, 60))
    broken = data / "backups" / "castmind-manual-20260309-120000.zip"
    broken.write_bytes(first.path.read_bytes()[:500])
    os.utime(broken, (NOON + 30, NOON + 30))
    (data / "backups" / "holiday.zip").write_bytes(b"PK")
    listed = backups_of(data).listing()
    assert [b.name for b in listed] == [second.name, broken.name, first.name]
    assert listed[1].error and "cut short" in listed[1].error


NO_NAMES = [
    "",
    "..",
    "../castmind.db",
    "a.zip",
    "castmind-manual-20260309-120000.zip/..",
    "/etc/passwd",
    "castmind-evil-20260309-120000.zip",
]


@pytest.mark.parametrize("name", NO_NAMES)
def test_only_plain_names_of_backups_lead_to_a_file(backups: Backups, name: str) -> None:
    (backups.folder / "a.zip").write_bytes(b"")
    for action in (backups.path, backups.verify, backups.delete):
        with pytest.raises(NotFound):
            action(name)
    assert (backups.folder / "a.zip").exists()


def test_a_link_is_no_backup(backups: Backups) -> None:
    name = "castmind-manual-20260309-120000.zip"
    (backups.folder / name).symlink_to("/etc/passwd")
    with pytest.raises(NotFound):
        backups.path(name)


def test_a_deleted_backup_is_gone(backups: Backups) -> None:
    made = backups.create(media=False)
    backups.delete(made.name)
    assert backups.listing() == []


def test_one_from_elsewhere_is_taken_in_if_it_is_one(backups: Backups, tmp_path: Path) -> None:
    made = backups.create(media=False, target=tmp_path / "mine.zip")
    taken = backups.take(made.path)
    assert taken.name.startswith("castmind-imported-")
    assert taken.path.read_bytes() == made.path.read_bytes()
    (tmp_path / "other.zip").write_bytes(b"hello")
    with pytest.raises(BackupForeign):
        backups.take(tmp_path / "other.zip")
    assert [b.name for b in backups.listing()] == [taken.name]
    assert parts_of(backups) == []


# --- by the clock -----------------------------------------------------------------------------------


def nightly(data: Path) -> list[Backup]:
    return [b for b in backups_of(data).listing() if b.kind == "nightly"]


def test_one_a_night_and_a_missed_one_at_the_next_start(data: Path) -> None:
    """The library of `fill` is old, so the first look makes the first one."""
    clock = [NOON]
    values = library.settings_of(data)
    backups = Backups(data, lambda: values, clock=lambda: clock[0])
    for hours, expected in ((0, 1), (10, 1), (14, 1), (16, 2), (24 * 5, 3), (24 * 5 + 1, 3)):
        clock[0] = NOON + hours * 3600
        night(backups, clock[0])
        assert len(nightly(data)) == expected, f"{hours} hours after the first noon"


def test_none_when_the_settings_say_so(data: Path) -> None:
    night(backups_of(data, now=NOON, backup_nightly="false"), NOON)
    assert nightly(data) == []


def test_none_for_an_empty_library(tmp_path: Path) -> None:
    library.fill(tmp_path / "data", episodes=0)
    with closing(sqlite3.connect(tmp_path / "data" / "castmind.db")) as db:
        db.execute("DELETE FROM feeds")
        db.commit()
    night(backups_of(tmp_path / "data", now=NOON), NOON)
    assert nightly(tmp_path / "data") == []


def test_as_many_as_the_settings_say_are_kept_and_others_are_left(data: Path) -> None:
    backups_of(data, now=NOON - 30 * DAY).create("manual", media=False)
    for day in range(5):
        now = NOON + day * DAY
        night(backups_of(data, now=now, backup_keep="3"), now)
    assert [b.created_at for b in nightly(data)] == [NOON + day * DAY for day in (4, 3, 2)]
    assert len([b for b in backups_of(data).listing() if b.kind == "manual"]) == 1


def test_a_clock_that_was_years_ahead_does_not_end_the_nightly_ones(data: Path) -> None:
    night(backups_of(data, now=NOON + 1000 * DAY), NOON + 1000 * DAY)
    for day in range(2):
        night(backups_of(data, now=NOON + day * DAY), NOON + day * DAY)
    assert [b.created_at for b in nightly(data)] == [NOON + 1000 * DAY, NOON + DAY, NOON]


def test_a_failure_is_remembered_and_tried_again_after_an_hour(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups = backups_of(data, now=NOON)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
        with pytest.raises(BackupNoRoom):
            night(backups, NOON)
        assert backups.nightly_error and backups.nightly_error.code == "backup_no_room"
    night(backups, NOON + 60)
    assert nightly(data) == []
    night(backups, NOON + 3601)
    assert len(nightly(data)) == 1 and backups.nightly_error is None

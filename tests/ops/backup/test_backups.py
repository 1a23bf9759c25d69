"""Backups as they are made, listed, and let go."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.errors import BackupFailed, BackupForeign, BackupNoRoom, BackupRunning, Cancelled, NotFound, UserError
from core.ops.backup import archive
from core.ops.backup.backup_file import Backup, verified
from core.ops.backup.backups import Backups
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, night, tree

NOON = datetime(2026, 3, 10, 12, 0).timestamp()
DAY = timedelta(days=1).total_seconds()


def names(made: Backup) -> set[str]:
    return {entry.path for entry in verified(made.path).files}


def parts_of(backups: Backups) -> list[str]:
    return [path.name for path in backups.folder.iterdir() if path.suffix != ".zip"]


# --- making -----------------------------------------------------------------------------------------


def test_a_backup_holds_the_rows_uploads_and_exports_and_leaves_all_as_it_is(backups: Backups, data: Path) -> None:
    before = tree(data, without=("backups",))
    made = backups.create(media=False)
    assert made.contents == ("database", "uploads", "exports")
    expected = {name for name in before if not name.startswith("media/")}
    assert names(made) == expected
    assert tree(data, without=("backups",)) == before
    assert (made.kind, made.version, made.schema, made.error) == ("manual", "0.1.0", library.steps_of(data / "castmind.db"), None)
    assert made.bytes == made.path.stat().st_size


def test_media_come_along_by_choice(backups: Backups, data: Path) -> None:
    assert names(backups.create(media=True)) == tree(data, without=("backups",)).keys()


def test_only_uploads_that_a_row_names_are_in_it(backups: Backups, data: Path) -> None:
    (data / "uploads" / "half.part").write_bytes(b"x")
    (data / "uploads" / "orphan.mp3").write_bytes(b"x")
    (data / "exports" / ".1-a.md.tmp").write_bytes(b"x")
    (data / "exports" / "link.md").symlink_to("/etc/passwd")
    assert not names(backups.create(media=True)) & {
        "uploads/half.part",
        "uploads/orphan.mp3",
        "exports/.1-a.md.tmp",
        "exports/link.md",
    }


def test_a_file_that_goes_meanwhile_is_noted_and_the_rest_is_kept(backups: Backups, data: Path) -> None:
    gone = next((data / "uploads").iterdir())

    def lose(phase: str, _done: int, _total: int) -> None:
        if phase == "database":
            gone.unlink(missing_ok=True)

    made = backups.create(media=False, on_progress=lose)
    assert made.skipped == (f"uploads/{gone.name}",)
    assert made.error is None and "uploads" in made.contents


def test_one_moment_is_copied_while_others_write(backups: Backups, data: Path) -> None:
    """Two rows are always changed together; no copy may hold one without the other."""
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "castmind.db", isolation_level=None, timeout=30)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            number = 0
            while not stop.is_set():
                number += 1
                db.execute("BEGIN IMMEDIATE")
                for name in ("one", "two"):
                    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, 0)", [name, str(number)])
                db.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backups.create(media=False) for _ in range(5)]
    finally:
        stop.set()
        writer.join()
    for backup in made:
        copy = data / "copy.db"
        with archive.opened(backup.path) as opened:
            opened.unpack(next(e for e in opened.manifest.files if e.path == "castmind.db"), copy)
        found = dict(library.rows(copy)["settings"][i][:2] for i in range(len(library.rows(copy)["settings"])))
        assert found.get("one") == found.get("two")
        copy.unlink()


def test_the_database_alone_is_kept_before_a_migration(backups: Backups) -> None:
    assert names(backups.create("migration", media=False)) == {"castmind.db"}


def test_progress_counts_up_to_the_whole(backups: Backups) -> None:
    seen: list[tuple[str, int, int]] = []
    backups.create(media=True, on_progress=lambda *step: seen.append(step))
    phases = [phase for phase, _, _ in seen]
    assert list(dict.fromkeys(phases)) == ["database", "files", "finishing"]
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1] == seen[-1][2] > 0


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


def test_it_can_be_written_elsewhere_but_over_nothing(backups: Backups, tmp_path: Path) -> None:
    target = tmp_path / "mine.zip"
    assert backups.create(media=False, target=target).path == target
    with pytest.raises(UserError, match="is there already"):
        backups.create(media=False, target=target)
    assert backups.create(media=False, target=tmp_path).path.parent == tmp_path
    assert backups.listing() == []
    with pytest.raises(UserError, match="no folder"):
        backups.create(media=False, target=tmp_path / "absent" / "a.zip")


# --- room -------------------------------------------------------------------------------------------


def test_too_little_room_is_said_before_anything_is_written(backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(BackupNoRoom, match="Nothing was changed") as refused:
        backups.create(media=True)
    assert refused.value.params["free"] == 1000 and int(refused.value.params["needed"]) > 1000
    assert list(backups.folder.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_meanwhile_leaves_the_library_and_no_part(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = small_disk / "data"
    library.fill(data)
    (next((data / "uploads").iterdir())).write_bytes(os.urandom(3_500_000))
    before = tree(data)
    backups = backups_of(data)
    with pytest.raises(BackupNoRoom) as refused:
        backups.create(media=True)
    assert refused.value.params
    # The look beforehand saw room that somebody else takes while the zip grows.
    monkeypatch.setattr("core.ops.backup.packing.need_room", lambda *_: None)
    with pytest.raises(BackupNoRoom, match="became full"):
        backups.create(media=True)
    assert tree(data) == before


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


def test_a_sweep_leaves_what_another_process_is_making(backups: Backups) -> None:
    (backups.folder / ".1-1.part").write_bytes(b"left by a crash")
    (backups.folder / ".1-1.part-journal").write_bytes(b"left by the same crash")
    with (backups.folder / ".2-2.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        backups.sweep()
        assert parts_of(backups) == [".2-2.part"]
    backups.sweep()
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

"""What goes into a backup, and what is left when it does not come to its end: no part, no change, a sentence that says why."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import BackupNoRoom, Cancelled, DiskFull, UserError
from core.ops.backup import archive, packing
from core.ops.backup.backups import Backups
from core.ops.backup.packing import PackingOptions
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, names, parts_of, tree

# --- contents ---------------------------------------------------------------------------------------


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


def test_a_row_that_names_a_path_outside_brings_nothing_in(data: Path, backups: Backups) -> None:
    (data.parent / "secret.mp3").write_bytes(b"not the library's")
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        (kept,) = db.execute("SELECT media_path FROM episodes WHERE id = 4").fetchone()
        for number, path in enumerate(("uploads/../../secret.mp3", str(data.parent / "secret.mp3"), "castmind.db"), start=1):
            db.execute("UPDATE episodes SET media_path = ? WHERE id = ?", [path, number])
        db.commit()
    held = names(backups.create(media=True))
    assert {name for name in held if not name.startswith("exports/")} == {"castmind.db", kept}


# --- the partial file -------------------------------------------------------------------------------


def test_what_was_packed_goes_unless_it_was_given_a_name(data: Path, tmp_path: Path) -> None:
    folder, wish = data / "backups", PackingOptions("manual", media=False)
    with packing.packed(data, folder, wish, lambda: 5.0) as part, archive.opened(part) as opened:
        assert opened.manifest.created_at == 5.0
    assert list(folder.iterdir()) == []
    with packing.packed(data, folder, wish, lambda: 5.0) as part:
        part.rename(tmp_path / "kept.zip")
    assert (tmp_path / "kept.zip").is_file() and list(folder.iterdir()) == []


@pytest.mark.parametrize("phase", ["database", "files", "finishing"])
def test_a_failure_in_any_phase_leaves_no_part(data: Path, phase: str) -> None:
    def break_at(reached: str, _done: int, _total: int) -> None:
        if reached == phase:
            raise RuntimeError(phase)

    wish = PackingOptions("manual", media=True, on_progress=break_at)
    with pytest.raises(RuntimeError, match=phase), packing.packed(data, data / "backups", wish, lambda: 5.0):
        pytest.fail("it was handed out")
    assert list((data / "backups").iterdir()) == []


def test_a_cancel_while_the_database_is_copied_is_taken(data: Path) -> None:
    wish = PackingOptions("migration", media=False, cancelled=lambda: True)
    with pytest.raises(Cancelled), packing.packed(data, data / "backups", wish, lambda: 5.0):
        pytest.fail("it was handed out")
    assert list((data / "backups").iterdir()) == []


def test_a_target_is_a_folder_or_a_name_that_is_free(tmp_path: Path) -> None:
    usual, there = tmp_path / "usual", tmp_path / "there.zip"
    there.touch()
    assert packing.folder_of(None, usual) == usual and usual.is_dir()
    assert packing.folder_of(usual, tmp_path) == usual and packing.outside(usual, "a.zip") == usual / "a.zip"
    assert packing.folder_of(tmp_path / "new.zip", usual) == tmp_path
    assert packing.outside(tmp_path / "new.zip", "a.zip") == tmp_path / "new.zip"
    for target, said in ((there, "is there already"), (tmp_path / "absent" / "new.zip", "no folder")):
        with pytest.raises(UserError, match=said):
            packing.folder_of(target, usual)


def test_it_can_be_written_elsewhere_but_over_nothing(backups: Backups, tmp_path: Path) -> None:
    target = tmp_path / "mine.zip"
    assert backups.create(media=False, target=target).path == target
    with pytest.raises(UserError, match="is there already"):
        backups.create(media=False, target=target)
    assert backups.create(media=False, target=tmp_path).path.parent == tmp_path
    assert backups.listing() == []
    with pytest.raises(UserError, match="no folder"):
        backups.create(media=False, target=tmp_path / "absent" / "a.zip")


def test_a_sweep_leaves_what_another_process_is_making(backups: Backups) -> None:
    (backups.folder / ".1-1.part").write_bytes(b"left by a crash")
    (backups.folder / ".1-1.part-journal").write_bytes(b"left by the same crash")
    with (backups.folder / ".2-2.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        backups.sweep()
        assert parts_of(backups) == [".2-2.part"]
    backups.sweep()
    assert parts_of(backups) == []


def test_a_part_that_grows_is_no_rubbish(tmp_path: Path) -> None:
    with packing.growing(tmp_path) as (part, file):
        file.write(b"half")
        packing.sweep(tmp_path)
        assert part.is_file()
    assert list(tmp_path.iterdir()) == []


# --- room -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("needed", "spare", "room"), [(600, 400, True), (601, 400, False), (600, 401, False), (1000, 0, True)])
def test_what_stays_free_counts_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: int, spare: int, room: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    if room:
        packing.need_room(tmp_path, needed, spare)
    else:
        with pytest.raises(BackupNoRoom) as refused:
            packing.need_room(tmp_path, needed, spare)
        assert refused.value.params == {"needed": needed, "free": 1000 - spare}


def test_a_disk_that_fills_up_is_told_as_no_room_for_the_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupNoRoom, match="became full") as told, packing.no_room(tmp_path):
        raise OSError(28, "No space left on device")
    assert isinstance(told.value.__cause__, DiskFull)
    with pytest.raises(PermissionError), packing.no_room(tmp_path):
        raise PermissionError(13, "Permission denied")


def test_too_little_room_is_said_before_anything_is_written(backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(BackupNoRoom, match="Nothing was changed") as refused:
        backups.create(media=True)
    assert refused.value.params["free"] == 1000 and int(refused.value.params["needed"]) > 1000
    assert list(backups.folder.iterdir()) == []


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

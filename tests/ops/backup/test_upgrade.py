"""A start on a database of another version, and on the leftovers of a crash."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged, DatabaseTooNew, LibraryMissing, MigrationFailed
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.folder_swap import Swap
from core.store.db import db_copies
from core.store.db.sqlite import Database
from core.store.migrations import migrations
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, rows, tree


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a data folder with the first schema."""
    library.fill(tmp_path / "old", stop_before=library.FIRST_SCHEMA)
    return tmp_path / "old"


@pytest.fixture
def broken_step(monkeypatch: pytest.MonkeyPatch) -> str:
    """Add a last migration that writes, commits the ones before it, and fails."""

    def fails(db: Database) -> None:
        db.execute("DELETE FROM own_notes")
        raise ValueError("the step is wrong")

    step = migrations._Migration("9999_broken", fails)
    monkeypatch.setattr(migrations, "_migrations", [*migrations._migrations, step])
    return step.name


def test_steps_are_taken_after_a_backup_of_the_database(old: Path) -> None:
    before = rows(old / "castmind.db")
    done = upgrade.make_ready(old, backups_of(old))
    assert done.applied == db_copies.known_steps()[1:]
    assert library.steps_of(old / "castmind.db") == db_copies.known_steps()
    (made,) = backups_of(old).listing()
    assert (made.name, made.kind, made.contents, made.schema) == (done.backup, "migration", ("database",), ("0001_library",))
    assert rows(old / "castmind.db")["segments"] != [] and len(rows(old / "castmind.db")["segments"]) == len(before["segments"])


def test_nothing_to_do_makes_no_backup(data: Path, backups: Backups) -> None:
    before = tree(data)
    assert upgrade.make_ready(data, backups) == upgrade.Upgraded()
    assert tree(data) == before


@pytest.mark.parametrize("what", ["missing", "empty", "without tables", "of another program"])
@pytest.mark.parametrize("where", ["uploads", "media"])
def test_no_new_library_is_laid_over_recordings(data: Path, backups: Backups, where: str, what: str) -> None:
    made = backups.create("manual", media=False)
    database = data / "castmind.db"
    database.unlink()
    if what == "empty":
        database.touch()
    elif what != "missing":
        with closing(sqlite3.connect(database)) as other:
            other.execute("CREATE TABLE bookmarks(url TEXT)" if "another" in what else "PRAGMA user_version = 7")
            other.commit()
    for folder in ("uploads", "media"):
        shutil.rmtree(data / folder, ignore_errors=True)
    (data / where).mkdir()
    (data / where / "recording.mp3").write_bytes(b"sound")
    before = tree(data)
    with pytest.raises(LibraryMissing) as refused:
        upgrade.make_ready(data, backups)
    assert made.name in refused.value.detail and "files: 1)" in refused.value.detail
    assert tree(data) == before


@pytest.mark.parametrize("name", [".0f.part", "0f.part", "0f.json", ".keep"])
def test_what_is_no_recording_stands_in_no_ones_way(tmp_path: Path, name: str) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / name).touch()
    assert upgrade.make_ready(tmp_path, backups_of(tmp_path)) == upgrade.Upgraded()


@pytest.mark.parametrize("content", [None, b""])
def test_a_new_library_makes_no_backup(tmp_path: Path, content: bytes | None) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if content is not None:
        (data / "castmind.db").write_bytes(content)
    assert upgrade.make_ready(data, backups_of(data)) == upgrade.Upgraded()
    assert backups_of(data).listing() == []


def test_a_step_that_fails_leaves_the_database_as_it_was(old: Path, broken_step: str) -> None:
    before = rows(old / "castmind.db")
    with pytest.raises(MigrationFailed) as failed:
        upgrade.make_ready(old, backups_of(old))
    assert failed.value.params["step"] == broken_step
    assert "the step is wrong" in failed.value.detail and "as it was" in failed.value.detail
    assert rows(old / "castmind.db") == before
    assert not (old / ".restore").exists()
    assert [b.kind for b in backups_of(old).listing()] == ["migration"]


def test_the_version_before_starts_again_after_a_step_that_failed(old: Path) -> None:
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(migrations, "_migrations", [*migrations._migrations, migrations._Migration("9999_broken", lambda _: 1 / 0)])
        with pytest.raises(MigrationFailed):
            upgrade.make_ready(old, backups_of(old))
    upgrade.make_ready(old, backups_of(old))
    assert library.steps_of(old / "castmind.db") == db_copies.known_steps()


def test_without_room_for_the_backup_no_step_is_taken(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(old)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(MigrationFailed, match="backup, which could not be made"):
        upgrade.make_ready(old, backups_of(old))
    assert tree(old) == before


def test_a_database_of_a_newer_version_is_left_alone_and_the_way_back_is_named(old: Path) -> None:
    upgrade.make_ready(old, backups_of(old))
    (made,) = backups_of(old).listing()
    with closing(sqlite3.connect(old / "castmind.db")) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('castmind', '9999_future', '')")
        db.commit()
    before = tree(old)
    with pytest.raises(DatabaseTooNew, match=made.name) as refused:
        upgrade.make_ready(old, backups_of(old))
    assert "9999_future" in refused.value.detail
    assert tree(old) == before


def test_a_newer_database_without_a_backup_says_that_too(data: Path, backups: Backups) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('castmind', '9999_future', '')")
        db.commit()
    with pytest.raises(DatabaseTooNew, match="no backup that this version can read"):
        upgrade.make_ready(data, backups)


def test_a_database_that_cannot_be_read_names_the_newest_backup(data: Path, backups: Backups) -> None:
    made = backups.create(media=False)
    (data / "castmind.db").write_bytes(b"not a database" * 1000)
    before = tree(data)
    with pytest.raises(DatabaseDamaged, match=made.name):
        upgrade.make_ready(data, backups)
    assert tree(data) == before


def test_a_restore_that_was_cut_off_is_undone_first(data: Path, backups: Backups) -> None:
    before = tree(data)
    swap = Swap(data)
    swap.prepare()
    (swap.new / "castmind.db").write_bytes(b"half")
    swap.begin(["castmind.db", "uploads"])
    swap.carry_out()
    assert not (data / "uploads").exists()
    assert upgrade.make_ready(data, backups).recovered == "undone"
    assert tree(data) == before


def test_half_made_backups_of_a_crash_are_swept(data: Path, backups: Backups) -> None:
    (backups.folder / ".1-1.part").write_bytes(b"half")
    upgrade.make_ready(data, backups)
    assert list(backups.folder.iterdir()) == []


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "x").write_text("kept")


def _text(path: Path) -> None:
    path.write_text("text " * 500)


IN_THE_WAY: dict[str, Callable[[Path], None]] = {
    "a folder": _folder,
    "a link that leads nowhere": lambda path: path.symlink_to(path.parent / "away" / "castmind.db"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": _pipe,
    "text": _text,
}


@pytest.mark.parametrize("side", ["", "-wal", "-shm"])
@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_a_new_library_is_begun_whatever_stands_in_its_place(tmp_path: Path, kind: str, side: str) -> None:
    data = tmp_path / "data"
    library.fill(data)
    for name in ("castmind.db", "castmind.db-wal", "castmind.db-shm"):
        (data / name).unlink(missing_ok=True)
    IN_THE_WAY[kind](data / f"castmind.db{side}")
    kept = upgrade.begin_new(data)
    assert kept and os.path.lexists(kept / f"castmind.db{side}")
    assert rows(data / "castmind.db")["episodes"] == []
    assert (data / "castmind.db").is_file() and not (data / "castmind.db").is_symlink()


def test_an_empty_file_is_made_the_new_library(tmp_path: Path) -> None:
    (tmp_path / "castmind.db").touch()
    assert upgrade.begin_new(tmp_path) is None
    assert rows(tmp_path / "castmind.db")["episodes"] == []

"""The file under a running server: deleted, replaced, full, read-only, held by another program."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import CastMindError, DatabaseBusy, DatabaseGone, DatabaseUnwritable, DiskFull
from core.ops import health
from core.store.db import database as stores
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "data" / "castmind.db")
    made.path.parent.mkdir()
    made.open()
    made.write(lambda db: put(db, "before"))
    yield made
    made.close()


def put(db: Database, title: str) -> int:
    return episodes.add(db, {"title": title, "source": "upload"}, now=0.0)


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT title FROM episodes ORDER BY id")]


def delete(path: Path) -> None:
    path.unlink()


def delete_all(path: Path) -> None:
    for each in path.parent.glob("castmind.db*"):
        each.unlink()


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def delete_the_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def another_library(path: Path) -> None:
    other = Store(path.with_name("other.db"))
    other.open()
    other.write(lambda db: put(db, "another library"))
    other.close()
    other.path.replace(path)


def copy_over(path: Path) -> None:
    """As `cp` over a deleted file, or an editor that saves by renaming."""
    copied = path.with_name("copied.db")
    shutil.copyfile(path, copied)
    copied.replace(path)


def empty_in_its_place(path: Path) -> None:
    path.unlink()
    path.touch()


def a_link_elsewhere(path: Path) -> None:
    path.rename(path.with_name("real.db"))
    shutil.copyfile(path.with_name("real.db"), path.with_name("copied.db"))
    path.symlink_to("copied.db")


LOSSES = [
    (delete, "deleted"),
    (delete_all, "deleted"),
    (move_away, "deleted"),
    (delete_the_folder, "deleted"),
    (another_library, "replaced"),
    (copy_over, "replaced"),
    (empty_in_its_place, "replaced"),
    (a_link_elsewhere, "replaced"),
]


@pytest.mark.parametrize(("lose", "said"), LOSSES)
def test_a_file_that_is_not_the_open_one_any_more_takes_no_writes(store: Store, lose: Callable[[Path], None], said: str) -> None:
    assert health.database(store).status == "pass"
    lose(store.path)
    with pytest.raises(DatabaseGone, match=said):
        store.write(lambda db: put(db, "nobody would find this"))
    check = health.database(store)
    assert (check.status, check.code) == ("fail", said) and "castmind.db" in check.output
    with pytest.raises(DatabaseGone):
        health.writes(store)
    refused: list[BaseException] = []

    def read() -> None:
        try:
            store.read()
        except CastMindError as error:
            refused.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    reader.join()
    assert isinstance(refused[0], DatabaseGone), "a new reader would see another library"


@pytest.mark.parametrize("lose", [delete, delete_all])
def test_a_stop_writes_a_deleted_database_back(store: Store, lose: Callable[[Path], None]) -> None:
    store.write(lambda db: put(db, "kept"))
    lose(store.path)
    store.close()
    assert titles(store.path) == ["before", "kept"]
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["castmind.db"]
    store.open()
    store.write(lambda db: put(db, "goes on"))
    assert health.database(store).status == health.writes(store).status == "pass"


def test_a_stop_leaves_what_took_the_place_and_puts_the_open_one_beside_it(store: Store) -> None:
    another_library(store.path)
    store.close()
    assert titles(store.path) == ["another library"]
    (beside,) = store.path.parent.glob("castmind-before-*.db")
    assert titles(beside) == ["before"]


def test_a_log_that_is_deleted_is_seen_too(store: Store) -> None:
    log = store.path.with_name("castmind.db-wal")
    assert log.exists()
    log.unlink()
    with pytest.raises(DatabaseGone, match="deleted"):
        store.write(lambda db: put(db, "in no file"))
    store.close()
    assert titles(store.path) == ["before"]


@pytest.mark.parametrize("write_ahead_log", [True, False])
def test_nothing_is_said_of_a_file_that_stays(tmp_path: Path, write_ahead_log: bool) -> None:
    store = Store(tmp_path / "castmind.db", write_ahead_log=write_ahead_log)
    store.open()
    for number in range(50):
        store.write(lambda db, n=number: put(db, "x" * 20_000 + str(n)))  # type: ignore[misc]
        with closing(sqlite3.connect(tmp_path / "castmind.db")) as other:
            other.execute("SELECT count(*) FROM episodes").fetchone()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert store.standing.loss is None
    store.close()
    store.open()
    assert store.standing.loss is None
    store.close()


# --- writes that fail ---------------------------------------------------------------------------------


def stale(store: Store) -> None:
    """No write has arrived for a while."""
    store.standing.written_at = 0.0


def refuse(store: Store) -> None:
    store.write(lambda db: db.execute("PRAGMA query_only = ON"))


def fill(store: Store) -> None:
    def full(db: Database) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")

    store.write(full)


def test_a_full_disk_shows_and_goes_away_again(store: Store) -> None:
    fill(store)
    with pytest.raises(DiskFull):
        store.write(lambda db: put(db, "x" * 200_000))
    for _ in range(3):
        check = health.writes(store)
        assert (check.status, check.code) == ("fail", "full")
        store.write(lambda db: db.execute("UPDATE episodes SET title = 'small'"))  # a small change still finds room
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert health.writes(store).code == "saved"
    assert store.read().execute("SELECT count(*) FROM sqlite_master WHERE name = 'room'").fetchone()[0] == 0


def test_a_disk_that_stays_full_beside_the_database_shows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    with pytest.raises(DiskFull):
        store.write(lambda db: put(db, "x" * 200_000))
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    monkeypatch.setattr(stores, "has_room", lambda _folder: False)
    assert health.writes(store).code == "full"


def test_a_read_only_database_shows_without_anybody_having_written(store: Store) -> None:
    refuse(store)
    assert health.writes(store).code == "saved", "a change arrived a moment ago"
    stale(store)
    check = health.writes(store)
    assert (check.status, check.code) == ("fail", "unwritable") and "readonly" in check.output
    with pytest.raises(DatabaseUnwritable):
        store.write(lambda db: put(db, "no"))
    assert health.writes(store).status == "fail"


def test_a_folder_that_became_read_only_and_writable_again(store: Store) -> None:
    """The connection itself is told, as the kernel would tell it."""
    refuse(store)
    stale(store)
    assert health.writes(store).code == "unwritable"
    # The writer's connection belongs to its thread; a change that only switches it back never begins, so it is reopened.
    store.close()
    store.open()
    assert health.writes(store).code == "saved"


def test_a_lock_that_is_held_shows_within_seconds_and_goes_away(store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stale(store)
        check = health.writes(store)
        assert (check.status, check.code) == ("fail", "held")
        other.execute("ROLLBACK")
    store.write(lambda db: put(db, "goes on"))
    assert health.writes(store).code == "saved"
    assert titles(store.path) == ["before", "goes on"]


def test_a_lock_that_outlasts_the_writer_stays_in_sight(store: Store) -> None:
    store.write(lambda db: db.execute("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            store.write(lambda db: put(db, "no"))
        assert (store.standing.failures, health.writes(store).code) == (1, "held")
        other.execute("ROLLBACK")
    assert health.writes(store).code == "saved"


@pytest.mark.long
def test_a_long_change_of_our_own_is_no_fault(store: Store) -> None:
    going, end = threading.Event(), threading.Event()

    def long(db: Database) -> None:
        put(db, "long")
        going.set()
        end.wait(30)

    writer = threading.Thread(target=lambda: store.write(long))
    writer.start()
    going.wait(30)
    stale(store)
    try:
        assert (health.writes(store).status, health.writes(store).code) == ("pass", "busy")
    finally:
        end.set()
        writer.join()
    assert health.writes(store).code == "saved"


def test_an_error_of_the_change_itself_is_no_trouble_of_the_file(store: Store) -> None:
    for wrong in ("INSERT INTO jobs (id) VALUES (1)", "SELECT nothing", "INSERT INTO episodes (id, title) VALUES (1, 'x')"):
        with pytest.raises(sqlite3.Error):
            store.write(lambda db, sql=wrong: db.execute(sql))  # type: ignore[misc]
    stale(store)
    assert health.writes(store).code == "saved"

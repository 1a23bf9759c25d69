from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import CastMindError, DatabaseDamaged, DiskFull, Restoring, WriterEnded
from core.store.db import database
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes


def put(db: Database, title: str) -> int:
    return episodes.add(db, {"title": title, "source": "upload"}, now=0.0)


def test_a_write_is_seen_by_every_reader_as_soon_as_it_returns(store: Store) -> None:
    assert episodes.count(store.read()) == 0
    store.write(lambda db: put(db, "one"))
    assert episodes.count(store.read()) == 1


def test_a_change_that_fails_leaves_nothing_and_the_writer_goes_on(store: Store) -> None:
    def half(db: Database) -> None:
        put(db, "half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(half)
    assert episodes.count(store.read()) == 0
    store.write(lambda db: put(db, "whole"))
    assert episodes.count(store.read()) == 1


def test_writers_of_many_threads_take_turns(store: Store) -> None:
    def count_up(db: Database) -> None:
        found = db.execute("SELECT value FROM settings WHERE name = 'n'").fetchone()
        value = int(found[0]) + 1 if found else 1
        db.execute("INSERT OR REPLACE INTO settings (name, value, updated_at) VALUES ('n', ?, 0)", [str(value)])

    threads = [threading.Thread(target=lambda: [store.write(count_up) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read().execute("SELECT value FROM settings WHERE name = 'n'").fetchone()[0] == "200"


class Ends(BaseException):
    """The end of a thread that nothing catches."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_dead_writer_another_goes_on_and_what_was_cut_off_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    true = database.run_in_transaction

    def dies(db: Database, *args: Any) -> None:
        db.execute("BEGIN IMMEDIATE")
        put(db, "half")
        raise Ends

    monkeypatch.setattr(database, "run_in_transaction", dies)
    writer = next(each for each in threading.enumerate() if each.name == "store-writer" and each is store._thread)
    with ThreadPoolExecutor(2) as pool:
        cut_off = pool.submit(store.write, lambda db: put(db, "cut off"))
        writer.join(30.0)
        assert store.writer_is_dead() and not cut_off.done()
        monkeypatch.setattr(database, "run_in_transaction", true)
        waiting = pool.submit(store.write, lambda db: put(db, "waiting"))
        assert store.revive_writer() == ["store-writer"] and store.revive_writer() == []
        with pytest.raises(WriterEnded):
            cut_off.result(30.0)
        waiting.result(30.0)
    assert [row[0] for row in store.read().execute("SELECT title FROM episodes")] == ["waiting"]
    assert not store.writer_is_dead()


def test_a_closed_store_has_no_dead_writer(store: Store) -> None:
    store.close()
    assert not store.writer_is_dead() and store.revive_writer() == []
    store.open()


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        put(store.read(), "sneaked in")


def test_a_snapshot_does_not_see_what_is_written_meanwhile(store: Store) -> None:
    with store.snapshot() as db:
        assert episodes.count(db) == 0
        store.write(lambda w: put(w, "later"))
        assert episodes.count(db) == 0
    assert episodes.count(store.read()) == 1


def test_a_snapshot_that_fails_can_be_followed_by_another(store: Store) -> None:
    with pytest.raises(ValueError, match="no"), store.snapshot():
        raise ValueError("no")
    with store.snapshot() as db:
        assert episodes.count(db) == 0


def test_a_threads_connection_goes_with_the_thread(store: Store) -> None:
    """Every rerun of a page is a thread of its own: their connections must not pile up."""

    def read_in_threads(count: int) -> int:
        for _ in range(count):
            thread = threading.Thread(target=lambda: episodes.count(store.read()))
            thread.start()
            thread.join()
        gc.collect()
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    # SQLite itself keeps a descriptor or two of closed connections for the next one.
    after_some = read_in_threads(5)
    assert read_in_threads(20) <= after_some


def test_close_waits_for_writes_and_a_new_store_finds_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    store.write(lambda db: put(db, "kept"))
    store.read()
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="not open"):
        store.write(lambda db: put(db, "too late"))
    store.open()
    assert episodes.count(store.read()) == 1
    store.close()


def test_after_a_close_the_file_alone_is_the_library(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    store.write(lambda db: put(db, "one"))
    assert episodes.count(store.read()) == 1
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["castmind.db"]


def test_without_a_write_ahead_log_there_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db", write_ahead_log=False)
    store.open()
    store.write(lambda db: put(db, "one"))
    assert not list(tmp_path.glob("*-wal"))
    assert episodes.count(store.read()) == 1
    store.close()


def test_a_file_that_is_no_database_is_said_at_the_opening(tmp_path: Path) -> None:
    (tmp_path / "castmind.db").write_bytes(b"not a database at all" * 100)
    store = Store(tmp_path / "castmind.db")
    with pytest.raises(DatabaseDamaged, match="not a database"):
        store.open()
    store.close()


# --- a start that fails ---------------------------------------------------------------------------------


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)


def a_folder(path: Path) -> None:
    path.mkdir()


def another_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE episodes (other TEXT)")
        db.commit()


def a_text_for_a_number(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xfe" * 8000)


def remove(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        shutil.rmtree(each) if each.is_dir() else each.unlink()


@pytest.mark.parametrize("spoil", [no_database, a_folder, another_schema, a_text_for_a_number])
@pytest.mark.parametrize("ending", ["give_up", "close"])
def test_a_writer_that_did_not_start_takes_nothing_from_the_next(
    tmp_path: Path, spoil: Callable[[Path], None], ending: str
) -> None:
    """However often it fails, and whatever is called between: the next writer answers."""
    path = tmp_path / "castmind.db"
    store = Store(path)
    store.open()
    end = getattr(store, ending)
    for _ in range(3):
        end()
        remove(path)
        spoil(path)
        with pytest.raises(CastMindError):
            store.open()
        with pytest.raises((Restoring, RuntimeError)):
            store.write(lambda db: put(db, "nobody is there"))
        end()
        end()
    remove(path)
    store.open()
    assert put_in_time(store, "after") == 1
    store.close()


def put_in_time(store: Store, title: str) -> int:
    """A write that hangs fails the test instead of holding it up."""
    answer: Future[int] = Future()
    threading.Thread(target=lambda: answer.set_result(store.write(lambda db: put(db, title))), daemon=True).start()
    return answer.result(timeout=60)


def test_a_file_that_breaks_under_the_writer_ends_it_with_an_error_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db", write_ahead_log=False)
    store.open()
    store.write(lambda db: put(db, "one"))
    no_database(store.path)
    with pytest.raises(sqlite3.DatabaseError):
        store.write(lambda db: put(db, "two"))
    store.give_up()
    with pytest.raises(DatabaseDamaged):
        store.open()
    remove(store.path)
    store.open()
    assert put_in_time(store, "three") == 1
    store.close()


def test_a_full_disk_is_told_apart_and_leaves_what_was_there(store: Store) -> None:
    store.write(lambda db: put(db, "before"))

    def fill(db: Database) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        put(db, "x" * 100_000)

    with pytest.raises(DiskFull):
        store.write(fill)
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert episodes.count(store.read()) == 1
    store.write(lambda db: put(db, "after"))


def test_foreign_keys_hold(store: Store, add_episode: Callable[..., int]) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        add_episode(feed_id=77)


# --- the lock of the data folder ------------------------------------------------------------------------

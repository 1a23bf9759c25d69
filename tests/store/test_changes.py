from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.store import episodes
from core.store.changes import Changes
from core.store.db import Store


def put(db: Any, title: str = "A talk") -> int:
    return episodes.add(db, {"title": title, "source": "upload"}, now=0.0)


def by_this_process(store: Store) -> None:
    store.write(put)


def by_a_number_that_nobody_reads(store: Store) -> None:
    store.try_writing()
    store.write(lambda db: db.execute("PRAGMA user_version = 7"))


def by_another_connection(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('b', 'upload', 0, 0)")


def by_another_program(store: Store) -> None:
    code = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]);"
        "db.execute(\"INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('c', 'upload', 0, 0)\"); db.commit()"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True)


def by_another_program_that_works_its_log_in(store: Store) -> None:
    by_another_program(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def by_a_trigger(store: Store) -> None:
    number = store.write(put)
    store.write(lambda db: episodes.delete(db, number))


@pytest.mark.parametrize(
    "change",
    [
        by_this_process,
        by_a_number_that_nobody_reads,
        by_another_connection,
        by_another_program,
        by_another_program_that_works_its_log_in,
        by_a_trigger,
    ],
)
def test_a_mark_is_another_one_as_soon_as_something_is_committed(store: Store, change: Callable[[Store], None]) -> None:
    for _ in range(3):
        before = store.mark()
        assert before is not None
        assert store.mark() == before
        change(store)
        assert store.mark() != before


def nothing(store: Store) -> None:
    assert episodes.count(store.read()) == 0


def a_change_that_fails(store: Store) -> None:
    def half(db: Any) -> None:
        put(db)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(half)


def a_change_of_another_that_is_taken_back(store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        put(db)
        db.execute("ROLLBACK")


@pytest.mark.parametrize("work", [nothing, a_change_that_fails, a_change_of_another_that_is_taken_back])
def test_a_mark_stays_where_nothing_was_committed(store: Store, work: Callable[[Store], None]) -> None:
    before = store.mark()
    work(store)
    assert store.mark() == before


def test_what_another_writes_and_has_not_committed_is_waited_for_by_nobody(store: Store) -> None:
    before = store.mark()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        put(db)
        assert store.mark() == before
        db.execute("COMMIT")
    assert store.mark() != before


def test_no_mark_is_that_of_the_library_that_lay_there_before(store: Store) -> None:
    seen = {store.mark()}
    for _ in range(3):
        store.give_up()
        assert store.mark() is None
        store.open()
        assert store.mark() not in seen
        seen.add(store.mark())
    store.close()
    assert store.mark() is None
    store.open()
    assert store.mark() not in seen


def test_without_shared_memory_nothing_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db", write_ahead_log=False)
    store.open()
    assert store.mark() is None
    store.close()


def test_what_takes_the_place_of_the_open_file_is_not_taken_for_it(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "castmind.db"), Store(tmp_path / "other.db")
    store.open()
    other.open()
    other.write(put)
    other.close()
    for side in ("-wal", "-shm"):
        (tmp_path / f"castmind.db{side}").unlink()
    (tmp_path / "other.db").rename(store.path)
    before = store.mark()
    assert before is not None
    by_another_connection(store)
    assert store.mark() == before
    store.close()


def test_of_a_file_that_cannot_be_opened_nothing_is_known(tmp_path: Path) -> None:
    for content in (None, b"", b"no database" * 1000):
        path = tmp_path / "castmind.db"
        if content is not None:
            path.write_bytes(content)
        changes = Changes(path)
        assert changes.mark() is None or content == b""
        changes.close()
        changes.close()
        assert changes.mark() is None


@pytest.fixture
def switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_threads_that_ask_while_others_write_and_close_get_a_mark_or_none(store: Store, switching: None) -> None:
    ending = threading.Event()

    def ask() -> int:
        asked = 0
        while not ending.is_set():
            before = store.mark()
            count = episodes.count(store.read())
            if before is not None and store.mark() == before:
                # Nothing was committed in between: what is read again is the same.
                assert episodes.count(store.read()) >= count
                asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for _ in range(100):
                store.write(put)
        finally:
            ending.set()
        assert sum(each.result() for each in asking) > 0
    assert episodes.count(store.read()) == 100

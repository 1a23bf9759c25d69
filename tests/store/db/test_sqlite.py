"""Readers of many threads while the store is closed and opened again, in a process of its own: a fault here would end it."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from core.store.db.database import Store
from core.store.db.sqlite import Database, open_reader

ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n"
TEN_READERS = f"""
import sys, threading
from pathlib import Path
from core.errors import Restoring
from core.store.db.database import Store

path, how = Path(sys.argv[1]), sys.argv[2]
store, ended, counts = Store(path), threading.Event(), []
store.open()

def read():
    count = 0
    while not ended.is_set():
        try:
            assert sum(1 for row in store.read().execute({ROWS!r})) == 5000
            assert len(store.read().execute({ROWS!r}).fetchall()) == 5000
            count += 1
        except Restoring:
            ended.wait(0.001)
    counts.append(count)

threads = [threading.Thread(target=read) for _ in range(10)]
for thread in threads:
    thread.start()
def change(db):
    db.execute("INSERT OR REPLACE INTO settings (name, value, updated_at) VALUES ('n', '1', 0)")

for number in range(10):
    getattr(store, how)()
    store.open()
    store.write(change)
ended.set()
for thread in threads:
    thread.join()
store.close()
assert len(counts) == 10 and sum(counts) > 10, counts
"""
SIX_AT_THE_END = f"""
import sys, threading
from pathlib import Path
from core.store.db.database import Store

store, began = Store(Path(sys.argv[1])), threading.Semaphore(0)
store.open()

def read():
    while True:
        rows = store.read().execute({ROWS!r})
        began.release()
        rows.fetchall()

for _ in range(6):
    threading.Thread(target=read, daemon=True).start()
for _ in range(6):
    began.acquire()
"""


def ended(program: str, *arguments: object) -> tuple[int, str]:
    """Run the program; return its exit status and what it wrote to stderr."""
    command = [sys.executable, "-X", "faulthandler", "-c", program, *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.fixture
def path(store: Store) -> Path:
    return store.path


@pytest.mark.parametrize("how", ["close", "give_up"])
def test_ten_threads_that_read_survive_the_end_of_the_store(tmp_path: Path, how: str) -> None:
    path = tmp_path / "castmind.db"
    assert ended(TEN_READERS, path, how) == (0, "")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_process_ends_while_threads_read(tmp_path: Path) -> None:
    assert ended(SIX_AT_THE_END, tmp_path / "castmind.db") == (0, "")


def test_a_query_in_another_thread_ends_after_the_store_closed(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    began, closed, rows = threading.Event(), threading.Event(), []

    def read() -> None:
        cursor = store.read().execute(ROWS)
        rows.append(cursor.fetchone()[0])
        began.set()
        closed.wait()
        rows.extend(row[0] for row in cursor)

    thread = threading.Thread(target=read)
    thread.start()
    began.wait()
    store.close()
    closed.set()
    thread.join()
    assert rows == list(range(1, 5001))


def test_what_was_written_is_in_the_file_though_a_reader_is_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    kept: list[Database] = []
    thread = threading.Thread(target=lambda: kept.append(store.read()))
    thread.start()
    thread.join()
    store.write(lambda db: db.execute("INSERT INTO settings (name, value, updated_at) VALUES ('n', '1', 0)"))
    store.close()
    alone = tmp_path / "alone.db"
    alone.write_bytes(store.path.read_bytes())
    assert open_reader(alone, 0).execute("SELECT value FROM settings WHERE name = 'n'").fetchone()[0] == "1"
    assert kept[0].execute("SELECT value FROM settings WHERE name = 'n'").fetchone()[0] == "1"


def test_a_cursor_keeps_its_connection_open(path: Path) -> None:
    db = open_reader(path, 0)
    alive, connection, cursor = weakref.ref(db), db.conn, db.execute(ROWS)
    del db
    assert sum(1 for _ in cursor) == 5000
    del cursor
    assert alive() is None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_file_that_is_not_there_leaves_nothing_open(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        open_reader(tmp_path / "none.db", 0)
    gc.collect()
    assert not list(tmp_path.iterdir())

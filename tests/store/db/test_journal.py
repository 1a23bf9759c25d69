"""The journal that the database keeps, on a disk of this computer and on a real foreign mount."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StartError
from core.store.db import journal
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from tests.store.db.mounts import foreign_mount

# Writes through a write-ahead log and is killed before a checkpoint: its rows are in the log only.
KILLED = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA wal_autocheckpoint = 0")
db.execute("CREATE TABLE late (word TEXT)")
db.execute("INSERT INTO late VALUES ('kept')")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    with foreign_mount(tmp_path / "elsewhere") as point:
        yield point


def put(db: Database, title: str) -> int:
    return episodes.add(db, {"title": title, "source": "upload"}, now=0.0)


def filled(path: Path) -> None:
    store = Store(path, write_ahead_log=True)
    store.open()
    store.write(lambda db: put(db, "one"))
    store.close()


def test_on_a_disk_of_this_computer_the_database_has_a_log(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    assert not store.foreign
    assert store.write(lambda db: db.execute("PRAGMA synchronous").fetchone()[0]) == 1  # NORMAL, safe with a log
    assert journal.has_log(store.path)
    store.close()


def test_on_a_foreign_mount_it_has_none(mounted: Path) -> None:
    store = Store(mounted / "castmind.db")
    store.open()
    store.write(lambda db: put(db, "one"))
    assert store.foreign
    assert store.write(lambda db: db.execute("PRAGMA synchronous").fetchone()[0]) == 2  # FULL
    assert episodes.count(store.read()) == 1
    assert not journal.has_log(store.path)
    assert sorted(p.name for p in mounted.iterdir()) == ["castmind.db"]
    store.close()


def test_a_link_to_a_foreign_mount_is_followed(mounted: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(mounted)
    store = Store(tmp_path / "data" / "castmind.db")
    store.open()
    assert not journal.has_log(mounted / "castmind.db")
    store.close()


def test_a_database_with_a_log_that_was_moved_onto_one_keeps_every_row(mounted: Path, tmp_path: Path) -> None:
    local = tmp_path / "castmind.db"
    filled(local)
    died = subprocess.run([sys.executable, "-c", KILLED, str(local)], check=False)
    assert died.returncode == -signal.SIGKILL
    for name in ("castmind.db", "castmind.db-wal", "castmind.db-shm"):
        shutil.move(tmp_path / name, mounted / name)
    assert (mounted / "castmind.db-wal").stat().st_size > 0
    with pytest.raises(StartError, match="core migrate"):
        Store(mounted / "castmind.db").read()
    store = Store(mounted / "castmind.db")
    store.open()
    assert store.read().execute("SELECT word FROM late").fetchone()[0] == "kept"
    assert store.read().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert episodes.count(store.read()) == 1
    assert sorted(p.name for p in mounted.iterdir()) == ["castmind.db"]
    store.close()
    again = Store(mounted / "castmind.db")
    assert again.read().execute("SELECT count(*) FROM late").fetchone()[0] == 1


def test_a_log_that_another_program_holds_is_left_alone_and_said(mounted: Path) -> None:
    path = mounted / "castmind.db"
    filled(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM episodes").fetchone()
    with (
        pytest.raises(StartError, match="Close other programs"),
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as mine,
    ):
        journal.settle(mine, path, foreign=True)
    other.execute("COMMIT")
    other.close()
    store = Store(path)
    store.open()
    assert episodes.count(store.read()) == 1
    assert not journal.has_log(path)
    store.close()


def test_back_on_a_disk_of_this_computer_it_gets_its_log_again(mounted: Path, tmp_path: Path) -> None:
    store = Store(mounted / "castmind.db")
    store.open()
    store.write(lambda db: put(db, "one"))
    store.close()
    shutil.move(mounted / "castmind.db", tmp_path / "castmind.db")
    back = Store(tmp_path / "castmind.db")
    back.open()
    assert journal.has_log(back.path)
    assert episodes.count(back.read()) == 1
    back.close()


def test_a_database_is_put_in_order_before_anything_looks_into_it(mounted: Path) -> None:
    journal.put_in_order(mounted / "castmind.db")  # nothing there yet
    filled(mounted / "castmind.db")
    journal.put_in_order(mounted / "castmind.db")
    assert not journal.has_log(mounted / "castmind.db")
    store = Store(mounted / "castmind.db")
    assert episodes.count(store.read()) == 1


def test_migrate_on_a_foreign_mount_works_the_log_in(mounted: Path) -> None:
    filled(mounted / "castmind.db")
    assert journal.has_log(mounted / "castmind.db")
    environ = os.environ | {"CASTMIND_DATA_DIR": str(mounted), "CASTMIND_ENV": "test"}
    done = subprocess.run([sys.executable, "-m", "core", "migrate"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not journal.has_log(mounted / "castmind.db")

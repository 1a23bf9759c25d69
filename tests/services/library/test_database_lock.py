from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import DatabaseBusy
from core.services.library import database_lock
from core.store.db.database import Store


def test_who_waits_at_most_so_long_is_put_off(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()

    try:
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseBusy), database_lock.waiting_at_most(0.01):
                store.write(lambda db: db.execute("SELECT 1"))
            other.execute("ROLLBACK")
    finally:
        store.close()


def test_a_held_lock_is_told_from_other_faults(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as one, closing(sqlite3.connect(path, timeout=0)) as two:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(database_lock.LockError) as locked:
            two.execute("BEGIN IMMEDIATE")
        with pytest.raises(database_lock.LockError) as missing:
            one.execute("SELECT * FROM nothing")
    assert database_lock.held(locked.value)
    assert not database_lock.held(missing.value)

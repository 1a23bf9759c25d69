"""Whether a database is whole: pages, references, the search index; within its time, and read-only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.store.db.database import Store
from core.store.examine import integrity
from core.store.search import backfill
from tests.ops.backup import library


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A library whose search index is filled."""
    library.fill(tmp_path / "data")
    store = Store(tmp_path / "data" / "castmind.db")
    store.open()
    while store.write(backfill.step):
        pass
    store.close()
    return store.path


def test_a_whole_file_is_whole(database: Path) -> None:
    state = integrity.look(database, 60)
    assert (state.pages, state.references, state.index) == ((), 0, "") and state.bytes == database.stat().st_size


def test_a_broken_index_is_told_apart_from_a_broken_library(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        (live,) = db.execute("SELECT live FROM search_state").fetchone()
        assert db.execute(f"UPDATE search_{live}_data SET block = x'00112233' WHERE id > 10").rowcount
    state = integrity.look(database, 60)
    assert state.pages == () and "malformed" in state.index


def test_rows_without_what_they_refer_to_are_counted(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE notes SET episode_id = 999 WHERE id = 1")
    assert integrity.look(database, 60).references == 1


def test_broken_pages_are_told(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'episodes_newest'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xff" * 200)
    assert integrity.look(database, 60).pages


def test_it_ends_when_its_time_is_over(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "STEPS_BETWEEN_LOOKS", 1)
    times = iter([0.0, 5.0])
    with pytest.raises(integrity.TooLong):
        integrity.look(database, 1, clock=lambda: next(times, 5.0))


def test_what_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"broken" * 999)
    with pytest.raises(DatabaseDamaged):
        integrity.look(tmp_path / "x.db", 5)

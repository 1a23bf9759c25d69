"""Counts of a database, without its contents."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.store.db import db_copies
from core.store.examine import census
from tests.ops.backup import library


@pytest.fixture
def database(tmp_path: Path) -> Path:
    library.fill(tmp_path / "data")
    return tmp_path / "data" / "castmind.db"


def test_rows_are_counted_in_our_tables_alone(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("CREATE TABLE somebody_elses (x)")
    counts = census.counts(database)
    assert (counts["episodes"], counts["feeds"], counts["segments"]) == (4, 1, 80) and "somebody_elses" not in counts
    assert census.steps(database) == list(db_copies.known_steps())


def test_files_and_ids_are_those_of_the_rows(database: Path) -> None:
    files = census.named_files(database)
    assert sorted(files.values()) == [1, 2, 3, 4] and all(name.startswith(("media/", "uploads/")) for name in files)
    assert census.episode_ids(database) == {1, 2, 3, 4} and census.newest(database) == 104.0


def test_an_older_schema_is_read_too(tmp_path: Path) -> None:
    library.fill(tmp_path / "old", stop_before=library.FIRST_SCHEMA)
    assert census.newest(tmp_path / "old" / "castmind.db") == 104.0
    assert census.counts(tmp_path / "old" / "castmind.db")["episodes"] == 4


def test_failing_feeds_are_those_without_a_success_since(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE feeds SET failures = 3, last_success_at = NULL, created_at = 50")
    assert census.failing_feeds(database, 60) == 1 and census.failing_feeds(database, 50) == 0


def test_what_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"broken" * 999)
    with pytest.raises(DatabaseDamaged):
        census.counts(tmp_path / "x.db")
    assert census.version().startswith("3.")

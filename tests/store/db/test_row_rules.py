"""The first row of a foreign database that breaks a rule, named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.files.stored_names import is_plain
from core.store.db.row_rules import first_wrong
from tests.new_database import new_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(new_database(tmp_path))) as made:
        made.execute(
            "INSERT INTO episodes (title, source, created_at, updated_at, media_path) "
            "VALUES ('A talk', 'upload', 1, 1, 'media/a.mp3')"
        )
        yield made


def wrong(db: sqlite3.Connection, *tables: str) -> str | None:
    db.text_factory = str
    return first_wrong(db, is_plain, tables or ("episodes",))


def test_a_row_of_ours_breaks_none(db: sqlite3.Connection) -> None:
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert wrong(db, *names) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("title = x'ff'", "title"),
        ("title = CAST(x'ff41' AS TEXT)", "no UTF-8"),
        ("source = 'elsewhere'", "source"),
        ("bytes = -1", "bytes"),
        ("bytes = 'many'", "no INTEGER"),
        ("media_path = '../../etc/passwd'", "names no file of the data folder"),
        ("created_at = 9e300", "created_at"),
        ("sha256 = 'abc'", "sha256"),
    ],
)
def test_the_row_and_its_column_are_named(db: sqlite3.Connection, change: str, said: str) -> None:
    db.execute(f"UPDATE episodes SET {change}")
    found = wrong(db)
    assert found and found.startswith("table episodes, row with id 1: ") and said in found


def test_a_text_that_should_be_json_and_is_none_is_named(db: sqlite3.Connection) -> None:
    job = "INSERT INTO jobs (episode_id, stage, state, created_at, detail) VALUES (1, 'fetch', 'queued', 0, ?)"
    db.execute(job, ['{"rate": NaN}'])
    assert wrong(db, "jobs") is None, "Python writes such numbers and reads them again"
    db.execute("UPDATE jobs SET detail = '{\"rate\": '")
    found = wrong(db, "jobs")
    assert found and "detail" in found


def test_tables_of_the_index_are_left_to_sqlite(db: sqlite3.Connection) -> None:
    assert wrong(db, "search_1_docsize", "sqlite_sequence") is None

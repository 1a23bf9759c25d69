"""Rows as dataclasses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from core.store.db import rows


@dataclass(frozen=True)
class Pet:
    id: int
    name: str
    tame: bool


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        made.row_factory = sqlite3.Row
        made.execute("CREATE TABLE pets (id INTEGER PRIMARY KEY, tame INTEGER, name TEXT)")
        yield made


def test_a_row_becomes_a_dataclass_by_names_or_by_places(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO pets (name, tame) VALUES ('Tom', 1)")
    row = db.execute(f"SELECT {rows.columns(Pet, 'pets')}, 7 AS more FROM pets").fetchone()
    assert rows.build(Pet, row, tame=bool(row["tame"])) == rows.build_placed(Pet, row, tame=True) == Pet(1, "Tom", True)
    assert rows.build(Pet, db.execute("SELECT * FROM pets").fetchone()).tame == 1
    assert [row[place] for place in rows.places(Pet, "name", "id")] == ["Tom", 1]


def test_an_update_names_its_values(db: sqlite3.Connection) -> None:
    cursor = db.execute("INSERT INTO pets (name, tame) VALUES ('Tom', 1)")
    values = {"name": "Jerry", "tame": 0}
    db.execute(f"UPDATE pets SET {rows.assignments(values)} WHERE id = :id", {**values, "id": rows.inserted_id(cursor)})
    assert tuple(db.execute("SELECT name, tame FROM pets").fetchone()) == ("Jerry", 0)


def test_a_cursor_that_inserted_nothing_has_no_id(db: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="Nothing"):
        rows.inserted_id(db.cursor())

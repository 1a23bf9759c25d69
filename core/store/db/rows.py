"""Convert between rows and dataclasses."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


@cache
def _names(cls: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))


def columns(cls: type, table: str) -> str:
    """Return `table.a, table.b, …` for the fields of a dataclass."""
    return ", ".join(f"{table}.{name}" for name in _names(cls))


def build(cls: type[T], row: sqlite3.Row, **converted: Any) -> T:
    """Build a dataclass from a row with a column for each field; `converted` replaces fields that need more than a copy."""
    return cls(**{name: converted[name] if name in converted else row[name] for name in _names(cast(Any, cls))})


def build_placed(cls: type[T], row: sqlite3.Row, **converted: Any) -> T:
    """Like `build`, from a row that starts with `columns(cls, …)`.

    For lists, because a look-up by name scans all column names.
    """
    places = _places(cast(Any, cls))
    values = list(row)[: len(places)]
    for name, value in converted.items():
        values[places[name]] = value
    return cls(*values)


def places(cls: type, *names: str) -> tuple[int, ...]:
    """Return the indexes of these fields in a row that starts with `columns(cls, …)`."""
    return tuple(_places(cast(Any, cls))[name] for name in names)


@cache
def _places(cls: type[Any]) -> dict[str, int]:
    return {name: place for place, name in enumerate(_names(cast(Any, cls)))}


def assignments(values: Mapping[str, Any]) -> str:
    """Return `a = :a, b = :b` for an UPDATE. Names come from code, never from input."""
    return ", ".join(f"{name} = :{name}" for name in values)


def inserted_id(cursor: sqlite3.Cursor) -> int:
    """Return the id of the inserted row. Raises ValueError for a cursor that inserted nothing."""
    if cursor.lastrowid is None:
        raise ValueError("Nothing was inserted.")
    return cursor.lastrowid

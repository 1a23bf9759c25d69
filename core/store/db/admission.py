"""Admit a database from elsewhere: nothing in its schema is executed, and its rows are such as this program writes.

    sqlite_master, read as data ─▶ our tables, word for word? ── no ──▶ BackupUnsafe
      ─▶ foreign triggers, views, indexes, tables: dropped and listed    missing ones of ours: created
      ─▶ pages, CHECKs, NOT NULLs, references (copies.check) ─▶ rows (row_rules) ── no ──▶ BackupDamaged, with table and row

It works on an unpacked copy that nobody else has open; the backup stays unchanged. "Ours" is the schema after the migrations
that the database itself lists, so an old version is compared with the schema of its time.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import BackupDamaged, BackupTooNew, BackupUnsafe
from core.store.db import damage, db_copies, row_rules
from core.store.db.sqlite import Database
from core.store.migrations import migrations
from core.store.search import tables

# Created by SQLite itself, and never with SQL text that could run.
_SQLITES = {("table", "sqlite_sequence"), ("table", "sqlite_stat1"), ("table", "sqlite_stat4")}
_INDEX = re.compile(r"search_(\d{1,9})")
_STEPS = "_sqlite_migrations"


@dataclass(frozen=True, slots=True)
class SchemaItem:
    """A row of sqlite_master; `sql` is "" for an index that a constraint creates."""

    kind: str
    name: str
    table: str
    sql: str

    @property
    def words(self) -> str:
        """Return the SQL text with normalised white space."""
        return " ".join(self.sql.split())

    @property
    def automatic(self) -> bool:
        """Return whether it is an index created by a UNIQUE or PRIMARY KEY of its table."""
        return self.kind == "index" and not self.sql and self.name.startswith("sqlite_autoindex_")


def admit(path: Path, is_name: Callable[[str], bool]) -> tuple[str, ...]:
    """Check a database at rest and drop foreign schema items; return their names, sorted.

    `is_name` tells whether a text names a file of the data folder. Raises BackupUnsafe, BackupDamaged, BackupTooNew,
    DatabaseDamaged.
    """
    with _opened(path) as db:
        there = _items(db)
        own = _own(_taken(db, there), there)
        dropped = _cleared(db, there, own)
        if wrong := _wrong(path):
            raise BackupDamaged(f"The database in the backup is damaged: {wrong}. Nothing was changed; take another backup.")
        if found := row_rules.first_wrong(db, is_name, (name for kind, name in own if kind == "table")):
            raise BackupDamaged(
                f"The database in the backup holds a row that CastMind does not write: {found}. Nothing was changed; take "
                "another backup."
            )
    return dropped


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with damage.said(path), closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in (
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "mmap_size = 0",
            "foreign_keys = OFF",
            "journal_mode = DELETE",
        ):
            db.execute(f"PRAGMA {pragma}")
        yield db


def _wrong(path: Path) -> str | None:
    return db_copies.check(path)


def _items(db: sqlite3.Connection) -> dict[tuple[str, str], SchemaItem]:
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {(kind, name): SchemaItem(kind, name, table, sql or "") for kind, name, table, sql in rows}


def _taken(db: sqlite3.Connection, there: Mapping[tuple[str, str], SchemaItem]) -> tuple[str, ...]:
    """Return the migrations that the database lists: all up to the last, without gaps."""
    # A view of that name could run anything.
    if ("table", _STEPS) not in there or there["table", _STEPS].words.upper().startswith("CREATE VIRTUAL"):
        raise BackupDamaged("The database in the backup is none of CastMind's. Nothing was changed; take another backup.")
    set_name = migrations.name
    taken = {row[0] for row in db.execute(f'SELECT name FROM "{_STEPS}" WHERE migration_set = ?', [set_name])}
    known = db_copies.known_steps()
    if unknown := sorted(taken.difference(known), key=str):
        raise BackupTooNew(
            f"The backup's database knows the step {unknown[0]!s:.100}, which this CastMind does not. Nothing was changed; "
            "update CastMind first.",
            step=str(unknown[0])[:100],
        )
    steps = known[: len(taken)]
    if not taken or set(steps) != taken:
        raise BackupDamaged("Steps of the backup's database are missing. Nothing was changed; take another backup.")
    return steps


def _own(steps: tuple[str, ...], there: Mapping[tuple[str, str], SchemaItem]) -> dict[tuple[str, str], SchemaItem]:
    """Create the schema of these migrations anew and return it, with search index tables for the generations that exist."""
    known = db_copies.known_steps()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrations.apply(Database(made), stop_before=known[len(steps)] if len(steps) < len(known) else None)
        for kind, name in there:
            if kind == "table" and (number := _INDEX.fullmatch(name)):
                tables.make(Database(made), int(number[1]))
        return _items(made)


def _cleared(
    db: sqlite3.Connection, there: Mapping[tuple[str, str], SchemaItem], own: Mapping[tuple[str, str], SchemaItem]
) -> tuple[str, ...]:
    """Drop foreign schema items and create missing ones."""
    for key, item in own.items():
        if item.kind == "table" and key not in there:
            raise BackupDamaged(f"The database in the backup has no table {item.name}. Nothing was changed; take another backup.")
        if item.kind == "table" and there[key].words != item.words and item.name != _STEPS:
            raise _unsafe(f"the table {item.name} is not as CastMind makes it")
    foreign = [item for key, item in there.items() if key not in _SQLITES and not item.automatic and not _is_own(item, own)]
    # Triggers and views are dropped first, so that later drops fire nothing.
    order = {"trigger": 0, "view": 1, "index": 2, "table": 3}
    for item in sorted(foreign, key=lambda item: order.get(item.kind, 9)):
        if item.kind not in order or item.words.upper().startswith("CREATE VIRTUAL"):
            raise _unsafe(f"it holds {item.name[:100]!r}, a {item.kind[:20]} of a kind that CastMind does not make")
        if item.kind == "index" and ("table", item.table) in {(each.kind, each.name) for each in foreign}:
            continue  # dropped with its table
        db.execute(f'DROP {item.kind} "{item.name.replace(chr(34), chr(34) * 2)}"')
    left = _items(db)
    for key, item in own.items():
        if key not in left and not item.automatic:
            db.execute(item.sql)
    return tuple(sorted({f"{item.kind} {item.name}" for item in foreign if (item.kind, item.name) not in own}))


def _is_own(item: SchemaItem, own: Mapping[tuple[str, str], SchemaItem]) -> bool:
    """Return whether an item is ours.

    Tables were compared before; the migrations table is created by a library, in its version's words.
    """
    twin = own.get((item.kind, item.name))
    return twin is not None and (item.kind == "table" or (twin.words == item.words and twin.table == item.table))


def _unsafe(what: str) -> BackupUnsafe:
    return BackupUnsafe(
        f"The database in the backup was not made by CastMind alone: {what}. Nothing was changed; take another backup.",
        path=what[:200],
    )

"""Every column with sealed values. A new one gets a line in COLUMNS: then it is sealed anew with a new key, and its losses are named.

SealedColumn(table, key, column, name) ─▶ values(db): each sealed text, with a name that its owner knows and no secret
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.store.db.sqlite import Database
from core.store.db.vault import Vault


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """`key`: the primary key; `name`: SQL that names a row in English, as in "the sign-in of …"."""

    table: str
    key: str
    column: str
    name: str


@dataclass(frozen=True, slots=True)
class SealedValue:
    column: SealedColumn
    key: int
    name: str
    sealed: str

    def replace(self, db: Database, sealed: str) -> None:
        at = self.column
        db.execute(f"UPDATE {at.table} SET {at.column} = ? WHERE {at.key} = ?", [sealed, self.key])


COLUMNS = (
    SealedColumn(
        "feed_access",
        "feed_id",
        "sealed",
        "'the credentials of the feed ' || coalesce((SELECT title FROM feeds WHERE id = feed_id), feed_id)",
    ),
    SealedColumn("notification_channels", "id", "sealed", "'the address of the notification channel ' || name"),
    SealedColumn("users", "id", "totp", "'the second factor of ' || name"),
    SealedColumn("import_lines", "id", "access", "'the credentials of line ' || number || ' of the import ' || import_id"),
)


def values(db: Database) -> Iterator[SealedValue]:
    """Yield all sealed values."""
    for each in COLUMNS:
        rows = db.execute(
            f"SELECT {each.key}, {each.name}, {each.column} FROM {each.table} WHERE {each.column} IS NOT NULL ORDER BY 1"
        ).fetchall()
        yield from (SealedValue(each, *row) for row in rows)


def unreadable(db: Database, vault: Vault) -> list[str]:
    """Return the names of the values that no key of this data folder opens, as after a restore from another computer."""
    return [value.name for value in values(db) if vault.readable(value.sealed) is None]

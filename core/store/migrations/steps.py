"""The set that every step registers itself with."""

from __future__ import annotations

from core.store.db.sqlite import Database, Migrations

migrations = Migrations("castmind")


def run(db: Database, *statements: str) -> None:
    """One by one: `executescript` would commit half-way."""
    for statement in statements:
        db.execute(statement)

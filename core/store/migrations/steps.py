"""The set in which every migration registers itself."""

from __future__ import annotations

from core.store.db.sqlite import Database, Migrations

migrations = Migrations("castmind")


def run(db: Database, *statements: str) -> None:
    """Execute statements one by one: `executescript` would commit half-way."""
    for statement in statements:
        db.execute(statement)

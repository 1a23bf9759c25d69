"""The `settings` table: values saved on the settings page, as JSON by name."""

from __future__ import annotations

import json
from typing import Any

from core.store.db.sqlite import Database


def all_saved(db: Database) -> dict[str, Any]:
    return {row["name"]: json.loads(row["value"]) for row in db.execute("SELECT name, value FROM settings")}


def save(db: Database, name: str, value: Any, *, now: float) -> None:
    db.execute(
        "INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        [name, json.dumps(value, ensure_ascii=False), now],
    )


def forget(db: Database, name: str) -> None:
    db.execute("DELETE FROM settings WHERE name = ?", [name])
